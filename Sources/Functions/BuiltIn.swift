/// The families that make up the built-in registry; each is a table in a file of its own.
let allScalarFunctions: [ScalarFunction] = [
    arithmeticOperators,
    comparisonOperators,
    stringFunctions,
    mathFunctions,
    roundingFunctions,
    randomFunctions,
    conditionalFunctions,
    conversionFunctions,
    sessionFunctions,
    dateFieldFunctions,
    dateFunctions,
    timeFunctions,
    patternFunctions,
    encodingFunctions, digestFunctions,
    textBuildingFunctions,
    textAnalysisFunctions,
    collectionFunctions, lambdaFunctions,
    arraySetFunctions,
    formattingFunctions,
    maskFunctions,
    jsonFunctions, jsonConversionFunctions, xpathFunctions,
    intervalFunctions, [extractUnionFunction], reflectFunctions, [inFileFunction],
    [bucketizeFunction], featureCombinationFunctions, [featureHasherFunction], vectorFunctions, [textAnalyzeFunction],
    [missingIndicatorFunction], sigmoidFunctions, realFunctions, geographyFunctions,
    textMatchingFunctions, arrayBuildingFunctions, mapFunctions, dateTruncationFunctions,
    geometryConstructors, geometryTextFunctions, geometryReaderFunctions, geometryMeasureFunctions, geometryRelationFunctions,
    hllScalarFunctions, thetaScalarFunctions, cpcScalarFunctions, kllScalarFunctions, doublesScalarFunctions,
    [tumblingWindowFunction, hybridCalendarFunction],
].flatMap { $0 }

let allAggregateFunctions: [AggregateFunction] = [
    [countFunction, sumFunction, averageFunction, minimumFunction, maximumFunction],
    varianceFunctions, shapeFunctions, covarianceFunctions, collectFunctions, percentileFunctions, ngramFunctions, [listAggregate],
    rowChoiceFunctions, conditionAggregates, [anyValueFunction, approximateCountFunction, modeFunction],
    geometryAggregates,
    hllAggregateFunctions, thetaAggregateFunctions, cpcAggregateFunctions, kllAggregateFunctions, doublesAggregateFunctions,
].flatMap { $0 }

let allWindowFunctions: [WindowFunction] = rankingFunctions + valueWindowFunctions

let allTableFunctions: [TableFunction] = explodeFunctions + tupleFunctions + [replicateRowsFunction]

let allFittedFunctions: [FittedFunction] = [
    scalerFunctions, [logNormalScalerFunction, quantileTransformerFunction, powerTransformerFunction],
    [imputerFunction, quantileBucketizeFunction, entropyBucketizeFunction], encoderFunctions, levelEncoderFunctions,
].flatMap { $0 }

/// The names of every built-in function, one list a function, for the check that none is given twice.
package let builtInNames: [[String]] =
    allScalarFunctions.map(\.names) + allAggregateFunctions.map(\.names) + allWindowFunctions.map(\.names)
    + allTableFunctions.map(\.names) + allFittedFunctions.map(\.names)
