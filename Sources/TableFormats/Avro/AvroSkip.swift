/// How values that nobody wants are passed over: their schemas as steps in one row of memory, so that nothing is looked up
/// between two values. Neighbours share their steps. Lengths are held against the bytes that are there; what values
/// are is not looked at.
final class AvroSkip {
    private struct Step {
        enum Kind: UInt8 {
            /// Bytes of a known number.
            case fixed
            case long
            /// A length, and as many bytes.
            case bytes
            /// A number of a branch; as many steps follow that lead to the branches.
            case union
            /// Goes on elsewhere.
            case jump
            /// Blocks of items, whose own steps follow.
            case list
        }

        var kind: Kind
        /// Bytes; branches; least bytes of an item.
        var count = 0
        /// Where to go on: behind a list; of a jump.
        var next = 0
    }

    private let steps: UnsafeMutableBufferPointer<Step>

    convenience init(_ schema: AvroSchema) { self.init([schema]) }

    /// - Parameter schemas: of values that follow each other.
    init(_ schemas: [AvroSchema]) {
        var program = Program()
        for schema in schemas { program.append(schema) }
        steps = .allocate(capacity: program.steps.count)
        _ = steps.initialize(from: program.steps)
    }

    deinit { steps.deallocate() }

    /// - Throws: `AvroDamage` when lengths do not fit, and for branches that a union has not.
    func pass(_ cursor: inout AvroCursor) throws {
        try Self.run(UnsafeBufferPointer(steps), 0, steps.count, &cursor)
    }

    /// Passes over a block of items whose steps these are, one after another only where the block does not say how long it is.
    /// - Parameter leastBytes: no item takes fewer.
    func pass(_ block: AvroCursor.ListBlock, leastBytes: Int, _ cursor: inout AvroCursor) throws {
        try Self.run(UnsafeBufferPointer(steps), 0, steps.count, of: block, leastBytes, &cursor)
    }

    /// Runs the steps from `from` to `end`. Lists inside each other are as deep as a schema may be.
    private static func run(
        _ steps: UnsafeBufferPointer<Step>, _ from: Int, _ end: Int, _ cursor: inout AvroCursor
    ) throws {
        var at = from
        while at < end {
            let step = steps[at]
            at &+= 1
            switch step.kind {
            case .fixed: _ = try cursor.take(step.count)
            case .long: _ = try cursor.long()
            case .bytes: _ = try cursor.bytes()
            case .union: at = steps[at &+ (try cursor.branch(of: step.count))].next
            case .jump: at = step.next
            case .list:
                while true {
                    let block = try cursor.listBlock()
                    if block.count == 0 { break }
                    try run(steps, at, step.next, of: block, step.count, &cursor)
                }
                at = step.next
            }
        }
    }

    private static func run(
        _ steps: UnsafeBufferPointer<Step>, _ from: Int, _ end: Int, of block: AvroCursor.ListBlock, _ leastBytes: Int,
        _ cursor: inout AvroCursor
    ) throws {
        try cursor.check(block.count, leastBytes: leastBytes, in: block.byteCount ?? cursor.remaining)
        if let byteCount = block.byteCount {
            _ = try cursor.take(byteCount)
        } else if leastBytes > 0 {
            for _ in 0..<block.count { try run(steps, from, end, &cursor) }
        }
    }

    /// Makes steps of schemas.
    private struct Program {
        var steps: [Step] = []
        /// Something goes on here: what follows is no part of what stands before.
        private var target = 0

        mutating func append(_ schema: AvroSchema) {
            switch schema.kind {
            case .null: break
            case .boolean: appendFixed(1)
            case .float: appendFixed(4)
            case .double: appendFixed(8)
            case .fixed(_, let size): appendFixed(size)
            case .int, .long, .enumeration: steps.append(Step(kind: .long))
            case .bytes, .string: steps.append(Step(kind: .bytes))
            case .record(_, let fields): for field in fields { append(field.schema) }
            case .array(let items): appendList(items.minimumBytes) { $0.append(items) }
            case .map(let values):
                appendList(1 + values.minimumBytes) {
                    $0.steps.append(Step(kind: .bytes))
                    $0.append(values)
                }
            case .union(let branches): appendUnion(branches)
            }
        }

        private mutating func appendFixed(_ count: Int) {
            if count == 0 { return }
            if let last = steps.indices.last, last >= target, steps[last].kind == .fixed {
                let (sum, isTooLarge) = steps[last].count.addingReportingOverflow(count)
                if !isTooLarge { return steps[last].count = sum }
            }
            steps.append(Step(kind: .fixed, count: count))
        }

        private mutating func appendList(_ leastBytes: Int, _ appendItem: (inout Program) -> Void) {
            let list = steps.count
            steps.append(Step(kind: .list, count: leastBytes))
            target = steps.count
            appendItem(&self)
            target = steps.count
            steps[list].next = steps.count
        }

        private mutating func appendUnion(_ branches: [AvroSchema]) {
            steps.append(Step(kind: .union, count: branches.count))
            let table = steps.count
            for _ in branches { steps.append(Step(kind: .jump)) }
            var jumps: [Int] = []
            for (number, branch) in branches.enumerated() {
                steps[table + number].next = steps.count
                target = steps.count
                append(branch)
                guard number < branches.count - 1 else { break }
                jumps.append(steps.count)
                steps.append(Step(kind: .jump))
            }
            target = steps.count
            for jump in jumps { steps[jump].next = steps.count }
        }
    }
}
