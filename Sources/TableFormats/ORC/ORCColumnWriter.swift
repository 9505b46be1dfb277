import Columnar

/// Writes one column of a file, stripe by stripe. Nested columns are writers below their parent's.
class ORCColumnWriter {
    /// The column's number in the file.
    let id: Int
    let type: SQLType
    let children: [ORCColumnWriter]
    let compressor: ORCCompressor?
    private let present: ORCBooleanEncoder
    private var stripeHasNulls = false

    /// Of the current row group.
    var statistics = ORCStatisticsBuilder()
    private var stripeStatistics = ORCStatisticsBuilder()
    private(set) var fileStatistics = ORCStatisticsBuilder()
    private var groups: [Group] = []
    /// nil: the column has no bloom filters.
    var bloomFilter: ORCBloomFilterBuilder?
    /// The filters of the stripe's row groups.
    private var bloomFilters = ProtobufWriter()

    /// What the row index has of a row group.
    private struct Group {
        var presentPositions: [UInt64]
        var statistics = ORCStatisticsBuilder()
    }

    /// Where the streams behind the bits of presence stand at the beginning of each row group.
    var dataPositions: [[UInt64]] = []

    private let elements = ORCElementList()
    private let valid = ORCElementList()

    init(id: Int, type: SQLType, compressor: ORCCompressor?, children: [ORCColumnWriter] = []) {
        self.id = id
        self.type = type
        self.compressor = compressor
        self.children = children
        present = ORCBooleanEncoder(ORCOutputStream(compressor))
    }

    func makeStream() -> ORCOutputStream { ORCOutputStream(compressor) }

    // MARK: What kinds of columns differ in

    /// Appends values that are not NULL: elements of a flat or constant column.
    func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {}

    /// Ends open runs.
    func flushValues() throws {}

    /// Says where the next value will stand. Called after `flushValues`.
    func appendDataPosition() { dataPositions.append([]) }

    /// The streams of the stripe in the order of their positions.
    func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] { [] }

    var encoding: ORCStripeFooter.Encoding { ORCStripeFooter.Encoding() }

    /// Bytes that wait for the end of the stripe.
    var bufferedBytes: Int { 0 }

    func removeStripe() {}

    // MARK: Rows

    /// Appends rows of a column in any encoding.
    final func write(_ column: Column, rows: UnsafeBufferPointer<Int>) throws {
        guard let source = column.encoding == .dictionary ? column.base : column else { return }
        let all = elements.fill(rows.count) { target in
            switch column.encoding {
            case .flat: for index in 0..<rows.count { target[index] = rows[index] }
            case .constant: for index in 0..<rows.count { target[index] = 0 }
            case .dictionary:
                let indices = column.indices
                for index in 0..<rows.count { target[index] = Int(indices[rows[index]]) }
            }
            return rows.count
        }
        guard let bits = source.validity else {
            try present.write(ones: all.count)
            statistics.add(values: all.count, nulls: 0)
            bloomFilter?.insert(source, all)
            return try writeValues(source, all)
        }
        let words = UnsafePointer(bits.words)
        let present = present
        let some = try valid.fill(all.count) { target in
            var used = 0
            for index in 0..<all.count {
                let element = all[index]
                let isValid = words[element >> 6] >> UInt64(element & 63) & 1 != 0
                try present.write(isValid)
                target[used] = element
                used &+= isValid ? 1 : 0
            }
            return used
        }
        if some.count < all.count { stripeHasNulls = true }
        statistics.add(values: some.count, nulls: all.count - some.count)
        bloomFilter?.insert(source, some)
        try writeValues(source, some)
    }

    final func beginGroup() {
        var positions: [UInt64] = []
        present.appendPosition(to: &positions)
        groups.append(Group(presentPositions: positions))
        appendDataPosition()
        for child in children { child.beginGroup() }
    }

    final func endGroup() throws {
        try present.flush()
        try flushValues()
        if !groups.isEmpty { groups[groups.count - 1].statistics = statistics }
        stripeStatistics.merge(statistics)
        statistics = ORCStatisticsBuilder()
        if let bloomFilter { bloomFilters.bytes(1, bloomFilter.take()) }
        for child in children { try child.endGroup() }
    }

    // MARK: Stripes

    /// About the bytes that the stripe would take now.
    final var stripeBytes: Int {
        present.stream.byteCount + bufferedBytes + bloomFilters.bytes.count + children.reduce(0) { $0 + $1.stripeBytes }
    }

    /// Gives all streams of the stripe, and begins the next one.
    /// - Precondition: no row group is open.
    final func finishStripe(_ stripe: inout ORCStripeBuilder) throws {
        var streams: [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] = []
        let data = try finishStreams()
        try present.finish()
        if stripeHasNulls { streams.append((.present, present.stream)) }
        streams += data
        var index = ProtobufWriter()
        for (number, group) in groups.enumerated() {
            index.message(1) { entry in
                let positions = (stripeHasNulls ? group.presentPositions : []) + dataPositions[number]
                entry.packed(1, positions)
                entry.message(2) { group.statistics.encode(type, to: &$0) }
            }
        }
        stripe.append(
            column: id, index: index.bytes, encoding: encoding, bloomFilters: bloomFilter == nil ? nil : bloomFilters.bytes)
        for (kind, stream) in streams {
            stripe.append(column: id, kind, try stream.finish())
        }
        stripe.append(statistics: stripeStatistics, type)
        fileStatistics.merge(stripeStatistics)
        for child in children { try child.finishStripe(&stripe) }
    }

    /// Forgets the stripe, which is written.
    final func beginStripe() {
        stripeStatistics = ORCStatisticsBuilder()
        stripeHasNulls = false
        groups = []
        dataPositions = []
        bloomFilters = ProtobufWriter()
        present.stream.removeAll()
        removeStripe()
        for child in children { child.beginStripe() }
    }
}

/// Positions of elements, in a buffer that is used again.
final class ORCElementList {
    private var start = UnsafeMutablePointer<Int>.allocate(capacity: 16)
    private var capacity = 16

    deinit { start.deallocate() }

    /// - Parameter body: writes at most `capacity` positions and returns how many.
    @inline(__always)
    func fill(_ capacity: Int, _ body: (UnsafeMutablePointer<Int>) throws -> Int) rethrows -> UnsafeBufferPointer<Int> {
        if capacity > self.capacity {
            start.deallocate()
            start = .allocate(capacity: capacity)
            self.capacity = capacity
        }
        // One more may be written behind the last.
        return UnsafeBufferPointer(start: start, count: try body(start))
    }
}

/// Streams and footer of a stripe that is about to be written.
struct ORCStripeBuilder {
    /// With the bloom filters of columns that have some.
    private(set) var indexes: [(column: Int, message: [UInt8], bloomFilters: [UInt8]?)] = []
    private(set) var streams: [(column: Int, kind: ORCStripeFooter.StreamKind, bytes: ByteBuffer)] = []
    private(set) var encodings: [ORCStripeFooter.Encoding] = []
    /// The message of the stripe in the file's metadata.
    private(set) var statistics = ProtobufWriter()

    mutating func append(
        column: Int, index: [UInt8], encoding: ORCStripeFooter.Encoding, bloomFilters: [UInt8]?
    ) {
        indexes.append((column, index, bloomFilters))
        encodings.append(encoding)
    }

    mutating func append(column: Int, _ kind: ORCStripeFooter.StreamKind, _ bytes: ByteBuffer) {
        streams.append((column, kind, bytes))
    }

    mutating func append(statistics: ORCStatisticsBuilder, _ type: SQLType) {
        self.statistics.message(1) { statistics.encode(type, to: &$0) }
    }
}
