import Functions

/// A class of Java that CREATE FUNCTION names. Its code can't be run here: what it is called by stands for the built-in
/// function of the same meaning, where there is one.
struct JavaClass {
    let name: String

    /// The built-in function; nil for a class that nobody knows.
    var function: String? {
        if let function = Self.ofCollections[name] { return function }
        for package in Self.namedAsFunctions where name.hasPrefix(package) {
            let simple = Self.simpleName(name)
            if let function = Self.irregular[simple] { return function }
            return Self.functionsByWord[Self.withoutAffixes(simple).lowercased()]
        }
        return nil
    }

    var refusal: String { "the class \(name) is Java's: hiveql has no function that does the same, and runs no Java" }

    /// Packages whose classes are named as the functions are: Hive's own, and Esri's `ST_Point`.
    private static let namedAsFunctions = ["org.apache.hadoop.hive.ql.udf.", "com.esri.hadoop.hive."]

    /// `RegrCount` of `org.apache.hadoop.hive.ql.udf.generic.GenericUDAFBinarySetFunctions$RegrCount`
    private static func simpleName(_ name: String) -> String {
        name.split(whereSeparator: { $0 == "." || $0 == "$" }).last.map(String.init) ?? name
    }

    private static func withoutAffixes(_ simple: String) -> String {
        let prefixes = ["GenericUDTF", "GenericUDAF", "GenericUDF", "UDTF", "UDAF", "UDF"]
        let rest = prefixes.first { simple.hasPrefix($0) }.map { simple.dropFirst($0.count) } ?? simple[...]
        return String(rest.filter { $0 != "_" })
    }

    /// Built-in functions by their names without underscores.
    private static let functionsByWord: [String: String] = Dictionary(
        FunctionRegistry.builtIn.names.map { ($0.filter { $0 != "_" }, $0) }, uniquingKeysWith: { first, _ in first })

    /// Hive's classes whose names are not the functions'.
    private static let irregular = [
        "GenericUDFOPPlus": "+", "GenericUDFOPMinus": "-", "GenericUDFOPMultiply": "*", "GenericUDFOPDivide": "/",
        "GenericUDFOPMod": "%", "GenericUDFOPNumericPlus": "+", "GenericUDFOPNumericMinus": "-", "UDFOPLongDivide": "div",
        "GenericUDFOPPositive": "positive", "GenericUDFOPNegative": "negative", "GenericUDFPosMod": "pmod",
        "UDFOPBitAnd": "&", "UDFOPBitOr": "|", "UDFOPBitXor": "^", "UDFOPBitNot": "~", "UDFOPBitShiftLeft": "shiftleft",
        "UDFOPBitShiftRight": "shiftright", "UDFOPBitShiftRightUnsigned": "shiftrightunsigned",
        "GenericUDFOPEqual": "=", "GenericUDFOPEqualNS": "<=>", "GenericUDFOPNotEqual": "<>",
        "GenericUDFOPLessThan": "<", "GenericUDFOPEqualOrLessThan": "<=", "GenericUDFOPGreaterThan": ">",
        "GenericUDFOPEqualOrGreaterThan": ">=", "GenericUDFOPAnd": "and", "GenericUDFOPOr": "or", "GenericUDFOPNot": "not",
        "GenericUDFOPNull": "isnull", "GenericUDFOPNotNull": "isnotnull", "GenericUDFStringToMap": "str_to_map",
        "GenericUDFSortArrayByField": "sort_array_by", "GenericUDFUnion": "create_union",
        "UDFJson": "get_json_object", "UDFToBoolean": "boolean", "UDFToByte": "tinyint", "UDFToShort": "smallint",
        "UDFToInteger": "int", "UDFToLong": "bigint", "UDFToFloat": "float", "UDFToDouble": "double", "UDFToString": "string",
        "GenericUDFToDecimal": "decimal", "GenericUDFToBinary": "binary", "UDFDateFloorYear": "floor_year",
        "UDFDateFloorQuarter": "floor_quarter", "UDFDateFloorMonth": "floor_month", "UDFDateFloorWeek": "floor_week",
        "UDFDateFloorDay": "floor_day", "UDFDateFloorHour": "floor_hour", "UDFDateFloorMinute": "floor_minute",
        "UDFDateFloorSecond": "floor_second", "UDFXPathInteger": "xpath_int", "UDFXPathLong": "xpath_long",
        "UDFXPathShort": "xpath_short", "UDFXPathFloat": "xpath_float", "UDFXPathDouble": "xpath_double",
        "UDFXPathString": "xpath_string", "UDFXPathBoolean": "xpath_boolean",
        "GenericUDAFAverage": "avg", "GenericUDAFCorrelation": "corr", "GenericUDAFCovariance": "covar_pop",
        "GenericUDAFCovarianceSample": "covar_samp", "GenericUDAFVariance": "var_pop",
        "GenericUDAFVarianceSample": "var_samp", "GenericUDAFStd": "stddev_pop", "GenericUDAFStdSample": "stddev_samp",
        // Those of Hive's own tests.
        "UDFTestLength": "length", "UDAFTestMax": "max", "GenericUDFTestTranslate": "translate",
    ].filter { FunctionRegistry.builtIn.entry($0.value) != nil }

    /// Classes of collections of functions, where the meaning is the same.
    private static let ofCollections = [
        "brickhouse.udf.collect.AppendArrayUDF": "array_append", "brickhouse.udf.collect.ArrayUnionUDF": "array_union",
        "brickhouse.udf.collect.ArrayIntersectUDF": "array_intersect", "brickhouse.udf.collect.CollectUDAF": "collect_list",
        "brickhouse.udf.collect.SetDifferenceUDF": "array_except", "brickhouse.udf.sketch.Md5": "md5",
        "brickhouse.udf.sanity.AssertUDF": "assert_true",
        "hivemall.tools.array.ArrayIntersectUDF": "array_intersect", "hivemall.tools.array.ArrayRemoveUDF": "array_remove",
        "hivemall.tools.math.SigmoidGenericUDF": "ml.logistic",
        "com.nexr.platform.hive.udf.GenericUDFNVL": "nvl", "com.nexr.platform.hive.udf.GenericUDFGreatest": "greatest",
        "org.apache.hadoop.hive.contrib.udaf.example.UDAFExampleAvg": "avg",
        "org.apache.hadoop.hive.contrib.udaf.example.UDAFExampleMax": "max",
        "org.apache.hadoop.hive.contrib.udaf.example.UDAFExampleMin": "min",
    ]
}
