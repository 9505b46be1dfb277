import Columnar
import Platform

/// How a bucket is told.
enum BucketFormat: String, CaseIterable, Sendable {
    case names = "bucket_names"
    case ranges = "bucket_ranges"
    case json = "bucket_ranges_json"
}

/// Ranges that numbers fall into: from one point to before the next, from minus infinity to infinity.
struct Buckets: Sendable {
    private let points: [Double]
    /// What is told of each bucket.
    private let names: [[UInt8]]

    /// - Parameter points: finite, ascending; equal ones count once.
    init(_ points: [Double], format: BucketFormat) {
        self.points = Self.different(points)
        let texts = self.points.map(Self.text)
        names = (0...texts.count).map { bucket in
            let start = bucket > 0 ? texts[bucket - 1] : nil, end = bucket < texts.count ? texts[bucket] : nil
            let name =
                switch format {
                case .names: "bin_\(bucket + 1)"
                case .ranges: "\(start.map { "[\($0)" } ?? "(-inf"), \(end ?? "+inf"))"
                case .json: #"{"start": "\#(start ?? "-Infinity")", "end": "\#(end ?? "Infinity")"}"#
                }
            return Array(name.utf8)
        }
    }

    private static func different(_ points: [Double]) -> [Double] {
        points.indices.filter { $0 == 0 || points[$0] != points[$0 - 1] }.map { points[$0] }
    }

    /// Without the zeros of a whole number.
    private static func text(_ point: Double) -> String {
        Int64(exactly: point).flatMap { $0.magnitude < 1 << 53 ? "\($0)" : nil } ?? "\(point)"
    }

    /// What is told of the bucket of a number; nil for NaN, which is in none.
    func name(_ value: Double) -> [UInt8]? {
        guard !value.isNaN else { return nil }
        return names[points.partitionPoint { $0 > value }]
    }

    func append(_ value: Double, to builder: ColumnBuilder) {
        guard let name = name(value) else { return builder.appendNull() }
        name.withUnsafeBufferPointer { builder.append(bytes: $0) }
    }
}

extension Buckets: FittedState {
    init(_ reader: inout FittedStateReader) throws {
        let formats = BucketFormat.allCases, format = Int(try reader.number(UInt8.self))
        guard formats.indices.contains(format) else { throw reader.damage }
        var points: [Double] = []
        for _ in 0..<(try reader.entryCount(ofAtLeast: 8)) {
            let point = try reader.finite()
            guard points.last.map({ $0 < point }) ?? true else { throw reader.damage }
            points.append(point)
        }
        self.init(points, format: formats[format])
    }

    /// What a fitted function makes of numbers that has learned buckets: the names of theirs.
    static func application(of function: String) -> ResolvedScalar {
        let states = FittedStates<Buckets>(of: function)
        return ResolvedScalar(argumentTypes: [.binary, .double], resultType: .string) { input in
            var buckets = try states.cursor(input)
            let column = input.arguments[1].flattened(input.rows)
            let values = column.values(as: Double.self)
            return try input.build(.string) { row, builder in
                guard !column.isNull(row), let buckets = try buckets.state(row) else { return builder.appendNull() }
                buckets.append(values[row], to: builder)
            }
        }
    }

    static func state(of function: String, points: [Double], format: BucketFormat) -> [UInt8] {
        FittedStateWriter.state(of: function) { writer in
            writer.write(UInt8(BucketFormat.allCases.firstIndex(of: format) ?? 0))
            let points = different(points)
            writer.write(UInt32(truncatingIfNeeded: points.count))
            for point in points { writer.write(point) }
        }
    }
}
