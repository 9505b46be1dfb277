import Columnar

private let name = "ml.quantile_bucketize"
/// More buckets than numbers are told apart make no sense.
private let mostBuckets = Int64(QuantileSketch.capacity)

let quantileBucketizeFunction = FittedFunction.make(
    name,
    documentation: FunctionDocumentation(
        "_FUNC_(x, num_buckets[, output_format]) OVER () - Returns the bucket of x among buckets of as many rows each",
        extended: "output_format is 'bucket_names' (bin_1, bin_2 …, unless given), 'bucket_ranges' or 'bucket_ranges_json'. Bounds are values\n"
            + "that are there; equal ones are one bound.\nExample:\n  > SELECT _FUNC_(fare, 4, 'bucket_ranges') OVER () FROM trips;"),
    fit: { call in
        try call.expect(2...3)
        try call.expectNumber(0)
        let count = try call.constantInteger(1, "num_buckets", in: 1...mostBuckets)
        let format = try call.constantWord(2, "output_format", BucketFormat.self)
        return FittedLearner(argumentType: .double) { _ in
            QuantileFitter { Buckets.state(of: name, points: $0.quantiles(Array(1..<count), of: count), format: format) }
        }
    },
    apply: { _ in Buckets.application(of: name) })
