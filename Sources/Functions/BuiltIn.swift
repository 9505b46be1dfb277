/// The families that make up the built-in registry; each is a table in a file of its own.
let allScalarFunctions: [ScalarFunction] = []
let allAggregateFunctions: [AggregateFunction] = []
let allWindowFunctions: [WindowFunction] = []
let allTableFunctions: [TableFunction] = []
