import Columnar

/// Writes one column of the table: takes arrays, maps and structures apart into levels and values.
final class NodeWriter {
    enum Kind {
        case leaf(LeafWriter)
        case structure([NodeWriter])
        /// Of an array the element, of a map key and value; the repetition level of their group.
        case list([NodeWriter], repetition: Int)
    }

    private let name: String
    private let kind: Kind
    /// A map's keys are never NULL.
    private let isRequired: Bool
    private var elements: UnsafeMutablePointer<Int>
    private var capacity = Batch.defaultCapacity

    init(name: String, kind: Kind, isRequired: Bool) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        elements = .allocate(capacity: capacity)
    }

    deinit { elements.deallocate() }

    var leaves: [LeafWriter] {
        switch kind {
        case .leaf(let leaf): [leaf]
        case .structure(let fields): fields.flatMap(\.leaves)
        case .list(let items, _): items.flatMap(\.leaves)
        }
    }

    /// Takes the selected rows of a column.
    func append(_ column: Column, rows: RowSelection) throws {
        let flat = column.flattened(rows)
        if case .leaf(let leaf) = kind { return try append(flat, rows, to: leaf) }
        var entries = Entries()
        entries.reserve(rows.count)
        rows.forEach { entries.append(definition: 0, repetition: 0, element: $0) }
        try append(flat, entries, rows: rows.count)
    }

    private func append(_ column: Column, _ rows: RowSelection, to leaf: LeafWriter) throws {
        let count = rows.count
        makeRoom(count)
        let elements = elements
        var present = 0
        let validity = column.validity
        try leaf.append(
            rows: count, column, elements,
            present: {
                guard let validity else {
                    for ordinal in 0..<count { elements[ordinal] = rows[ordinal] }
                    present = count
                    return count
                }
                for ordinal in 0..<count {
                    let row = rows[ordinal]
                    elements[present] = row
                    present &+= validity[row] ? 1 : 0
                }
                return present
            }()
        ) { levels in
            guard let validity else { return levels.update(repeating: 1, count: count) }
            for ordinal in 0..<count { levels[ordinal] = validity[rows[ordinal]] ? 1 : 0 }
        }
    }

    private func makeRoom(_ count: Int) {
        guard count > capacity else { return }
        elements.deallocate()
        capacity = count
        elements = .allocate(capacity: count)
    }

    /// Places of a column's elements in the rows, as far as they are known above it.
    struct Entries {
        var definitions: [UInt8] = []
        var repetitions: [UInt8] = []
        /// The element of the column; -1: something above is NULL or empty.
        var elements: [Int] = []

        mutating func reserve(_ count: Int) {
            definitions.reserveCapacity(count)
            repetitions.reserveCapacity(count)
            elements.reserveCapacity(count)
        }

        mutating func append(definition: UInt8, repetition: UInt8, element: Int) {
            definitions.append(definition)
            repetitions.append(repetition)
            elements.append(element)
        }
    }

    private func append(_ column: Column, _ entries: Entries, rows: Int) throws {
        let column = column.flattened(.all(column.count))
        switch kind {
        case .leaf(let leaf):
            var defined = try defined(column, entries)
            makeRoom(defined.elements.count)
            var present = 0
            for element in defined.elements where element >= 0 {
                elements[present] = element
                present += 1
            }
            try defined.definitions.withUnsafeMutableBufferPointer { definitions in
                try defined.repetitions.withUnsafeMutableBufferPointer { repetitions in
                    try leaf.append(
                        column, elements, present: present, definitions: UnsafeBufferPointer(definitions),
                        repetitions: UnsafeBufferPointer(repetitions), rows: rows)
                }
            }
        case .structure(let fields):
            let defined = try defined(column, entries)
            for (field, child) in zip(fields, column.children) { try field.append(child, defined, rows: rows) }
        case .list(let items, let repetition):
            let lists = column.values(as: ListEntry.self)
            let defined = try defined(column, entries)
            var inner = Entries()
            inner.reserve(defined.elements.count)
            for index in defined.elements.indices {
                let element = defined.elements[index]
                let definition = defined.definitions[index]
                guard element >= 0, lists[element].length > 0 else {
                    inner.append(definition: definition, repetition: defined.repetitions[index], element: -1)
                    continue
                }
                let entry = lists[element]
                for offset in 0..<entry.length {
                    inner.append(
                        definition: definition + 1, repetition: offset == 0 ? defined.repetitions[index] : UInt8(repetition),
                        element: entry.offset + offset)
                }
            }
            for (item, child) in zip(items, column.children) { try item.append(child, inner, rows: rows) }
        }
    }

    /// The entries with one more level where the element is not NULL.
    private func defined(_ column: Column, _ entries: Entries) throws -> Entries {
        let validity = column.validity
        if isRequired {
            if let validity, entries.elements.contains(where: { $0 >= 0 && !validity[$0] }) {
                throw CorruptParquet("a map's key is NULL, which Parquet has not")
            }
            return entries
        }
        var result = entries
        for index in result.elements.indices {
            let element = result.elements[index]
            guard element >= 0 else { continue }
            if validity.map({ !$0[element] }) ?? false {
                result.elements[index] = -1
            } else {
                result.definitions[index] += 1
            }
        }
        return result
    }
}
