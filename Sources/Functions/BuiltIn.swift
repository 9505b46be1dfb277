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
    encodingFunctions,
    textBuildingFunctions,
    textAnalysisFunctions,
    collectionFunctions,
    arraySetFunctions,
].flatMap { $0 }

let allAggregateFunctions: [AggregateFunction] = [
    [countFunction, sumFunction, averageFunction, minimumFunction, maximumFunction]
].flatMap { $0 }

let allWindowFunctions: [WindowFunction] = rankingFunctions + valueWindowFunctions

let allTableFunctions: [TableFunction] = explodeFunctions
