import Columnar

/// The numbers of one group, by the classes of their rows.
struct ClassedNumbers {
    private(set) var classes: [(label: StringView, numbers: QuantileSketch)] = []

    /// The place of a class; nil for one that is new.
    @inline(__always)
    func place(_ label: StringView) -> Int? { classes.firstIndex { $0.label == label } }

    mutating func add(_ label: StringView, _ numbers: QuantileSketch) { classes.append((label, numbers)) }

    /// Changes the numbers of a class, and returns by how many bytes they grew.
    @inline(__always)
    mutating func change(_ place: Int, _ body: (inout QuantileSketch) -> Void) -> Int {
        let before = classes[place].numbers.heapBytes
        body(&classes[place].numbers)
        return classes[place].numbers.heapBytes - before
    }

    var heapBytes: Int { classes.reduce(classes.capacity * MemoryLayout<(StringView, QuantileSketch)>.stride) { $0 + $1.numbers.heapBytes } }

    /// The sketches in the order of their classes' bytes.
    var sketches: [QuantileSketch] { classes.sorted { $0.label < $1.label }.map(\.numbers) }
}

/// Learns which numbers the rows of each class have. Rows without a class, and what is no finite number, take no part.
final class ClassedNumberFitter: Accumulator {
    /// More of them are no classes, but a measure.
    static let mostClasses = 64

    private let function: String
    private let makeState: ([QuantileSketch]) throws -> [UInt8]
    private var groups: [ClassedNumbers] = []
    private var labels = StringHeap()
    private var heapBytes = 0

    /// - Parameters:
    ///   - function: which errors name.
    ///   - makeState: The bytes of the state that the numbers of the classes become, which come in the order of these.
    init(_ function: String, makeState: @escaping ([QuantileSketch]) throws -> [UInt8]) {
        self.function = function
        self.makeState = makeState
    }

    package var byteCount: Int { groups.capacity * MemoryLayout<ClassedNumbers>.stride + labels.byteCount + heapBytes }

    package func resize(groupCount: Int) {
        while groups.count < groupCount { groups.append(ClassedNumbers()) }
    }

    package func reset(_ range: Range<Int>) {
        for group in range {
            heapBytes -= groups[group].heapBytes
            groups[group] = ClassedNumbers()
        }
    }

    /// Where a class of a group is kept, which is made when it is new.
    @inline(__always)
    private func place(_ label: StringView, _ group: Int) throws -> Int {
        try groups[group].place(label) ?? newPlace(label, group)
    }

    private func newPlace(_ label: StringView, _ group: Int) throws -> Int {
        let place = groups[group].classes.count
        guard place < Self.mostClasses else {
            throw FunctionError(.argument, "\(function) takes a label of at most \(Self.mostClasses) classes, and was given more")
        }
        heapBytes -= groups[group].heapBytes
        groups[group].add(labels.copy(label), QuantileSketch())
        heapBytes += groups[group].heapBytes
        return place
    }

    private func add(_ arguments: [Column], _ rows: RowSelection, groupOf: (Int) -> Int) throws {
        let numbers = arguments[0], classes = arguments[1]
        let values = numbers.values(as: Double.self)
        for ordinal in 0..<rows.count {
            let row = rows[ordinal]
            guard !numbers.isNull(row), !classes.isNull(row) else { continue }
            let value = values[numbers.element(of: row)]
            guard value.isFinite else { continue }
            let group = groupOf(ordinal)
            let place = try place(classes.stringAnyEncoding(row), group)
            heapBytes += groups[group].change(place) { $0.add(value) }
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws {
        try add(arguments, rows) { Int(groups[$0]) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws { try add(arguments, rows) { _ in group } }

    private func merge(_ numbers: QuantileSketch, of label: StringView, into group: Int) throws {
        let place = try place(label, group)
        heapBytes += groups[group].change(place) { $0.merge(numbers) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? ClassedNumberFitter else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            for (label, numbers) in other.groups[Int(sources[pair])].classes { try merge(numbers, of: label, into: Int(targets[pair])) }
        }
    }

    package func finish(_ range: Range<Int>) throws -> Column {
        try Column.binaries(range.count) { row in try makeState(groups[range.lowerBound + row].sketches) }
    }

    package func save(_ range: Range<Int>) -> Column {
        Column.binaries(range.count) { row in
            let classes = groups[range.lowerBound + row].classes
            var writer = FittedStateWriter()
            writer.write(UInt32(truncatingIfNeeded: classes.count))
            for (label, numbers) in classes {
                writer.write(label)
                numbers.write(to: &writer)
            }
            return writer.bytes
        }
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.type == .binary else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count {
            var reader = FittedStateReader(saved.stringAnyEncoding(row), function: "an aggregate")
            for _ in 0..<(try reader.entryCount(ofAtLeast: 9)) {
                let label = try reader.text()
                try merge(try QuantileSketch(&reader), of: label, into: Int(targets[row]))
            }
        }
    }
}
