import Columnar

private let name = "ml.entropy_bucketize"

let entropyBucketizeFunction = FittedFunction.make(
    name,
    documentation: FunctionDocumentation(
        "_FUNC_(x, label[, output_format]) OVER () - Returns the bucket of x among buckets that tell the classes of label apart",
        extended: "Buckets are those of Fayyad and Irani: values are cut in two where that says most about the class, as often as it is worth\n"
            + "its description (minimum description length). The label is needed to learn them, not for a row's bucket. output_format is\n"
            + "'bucket_names' (bin_1, bin_2 …, unless given), 'bucket_ranges' or 'bucket_ranges_json'.\n"
            + "Example:\n  > SELECT _FUNC_(fare, tipped, 'bucket_ranges') OVER () FROM trips;"),
    fit: { call in
        try call.expect(2...3)
        try call.expectNumber(0)
        guard call.argumentTypes[1].isPrimitive else { throw call.mismatch(1, "primitive") }
        let format = try call.constantWord(2, "output_format", BucketFormat.self)
        return FittedLearner(argumentType: .double, labelType: .string) { context in
            ClassedNumberFitter(name) { classes in
                Buckets.state(of: name, points: try EntropyBuckets(classes).points(context.checkCancellation), format: format)
            }
        }
    },
    apply: { _ in Buckets.application(of: name) })
