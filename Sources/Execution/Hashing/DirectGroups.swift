import Columnar

/// Groups found without hashing, by numbers that keys have anyway: codes of dictionaries and small integers. What is not
/// known here yet is found by the hash table and then learned.
final class DirectGroups {
    /// Rows of the latest `assign` that it did not know.
    private(set) var unknownRows = RowSelection.all(0)

    /// Group of each combination of the keys' numbers; -1: not known.
    private var groups: UnsafeMutablePointer<Int32>
    private var size = 0
    /// The keys' dictionaries, whose codes the combinations are made of; nil for integers.
    private var dictionaries: [Column?] = []
    /// The combination of each selected row, negative for one that has no place; its group goes to the same ordinal.
    private var places: UnsafeMutablePointer<Int32>
    private var unknown: UnsafeMutablePointer<Int32>
    private var unknownCount = 0
    private var capacity = 0
    /// Batches in a row of which most rows were not known.
    private var fruitless = 0

    private static let largestSize = 1 << 18
    private static let mostFruitless = 8
    /// Integers that have numbers: a single key's, and those of one among several.
    private static let alone = -256..<3840
    private static let amongOthers = -2..<254

    init() {
        groups = .allocate(capacity: 1)
        places = .allocate(capacity: 1)
        unknown = .allocate(capacity: 1)
    }

    deinit {
        groups.deallocate()
        places.deallocate()
        unknown.deallocate()
    }

    /// Writes the groups of the selected rows to `target`, by ordinal, and gathers those that are not known.
    /// - Returns: false when the keys have no numbers, or too many of them are new for this to be of use.
    func assign(_ keys: [Column], _ rows: RowSelection, _ target: UnsafeMutablePointer<Int32>) -> Bool {
        guard prepare(keys), fruitless < Self.mostFruitless else { return false }
        let count = rows.count
        reserve(count)
        let range = keys.count == 1 ? Self.alone : Self.amongOthers
        for (position, key) in keys.enumerated() {
            let isFirst = position == 0
            if let dictionary = dictionaries[position] {
                addCodes(key.indices, dictionary.count, rows, isFirst)
                continue
            }
            switch key.type.physical {
            case .boolean: addIntegers(UInt8.self, key, range, rows, isFirst)
            case .int8: addIntegers(Int8.self, key, range, rows, isFirst)
            case .int16: addIntegers(Int16.self, key, range, rows, isFirst)
            case .int32: addIntegers(Int32.self, key, range, rows, isFirst)
            default: addIntegers(Int64.self, key, range, rows, isFirst)
            }
        }
        let found = lookUp(count, target)
        fruitless = found * 2 < count ? fruitless + 1 : 0
        gatherUnknown(rows)
        return true
    }

    /// Remembers the groups of the rows that were not known.
    /// - Parameters:
    ///   - numbers: in the order of `unknownRows`.
    ///   - target: gets them by ordinal.
    func learn(_ numbers: UnsafePointer<Int32>, _ target: UnsafeMutablePointer<Int32>) {
        for index in 0..<unknownCount {
            let ordinal = Int(unknown[index])
            target[ordinal] = numbers[index]
            let place = places[ordinal]
            if place >= 0 { groups[Int(place)] = numbers[index] }
        }
    }

    // MARK: The table

    /// Makes room for the combinations of these keys' numbers; false when there are too many, or a key has none.
    private func prepare(_ keys: [Column]) -> Bool {
        var size = 1
        var isSame = keys.count == dictionaries.count
        for (position, key) in keys.enumerated() {
            var own = keys.count == 1 ? Self.alone.count + 1 : Self.amongOthers.count + 1
            switch key.encoding {
            case .dictionary:
                own = key.base?.count ?? 0
                isSame = isSame && dictionaries[position] === key.base
            case .flat, .constant:
                switch key.type.physical {
                case .boolean, .int8, .int16, .int32, .int64: break
                default: return false
                }
                isSame = isSame && dictionaries[position] == nil
            }
            size *= own
            guard size > 0, size <= Self.largestSize else { return false }
        }
        if isSame { return true }
        if size > self.size {
            groups.deallocate()
            groups = .allocate(capacity: size)
        }
        self.size = size
        groups.initialize(repeating: -1, count: size)
        dictionaries = keys.map { $0.encoding == .dictionary ? $0.base : nil }
        fruitless = 0
        return true
    }

    private func reserve(_ count: Int) {
        guard count > capacity else { return }
        places.deallocate()
        unknown.deallocate()
        capacity = count
        places = .allocate(capacity: count)
        unknown = .allocate(capacity: count)
    }

    // MARK: Loops over rows

    private func addCodes(_ codes: UnsafePointer<Int32>, _ size: Int, _ rows: RowSelection, _ isFirst: Bool) {
        let places = places
        let size = Int32(truncatingIfNeeded: size)
        var ordinal = 0
        if isFirst {
            rows.forEach { row in
                places[ordinal] = codes[row]
                ordinal &+= 1
            }
        } else {
            rows.forEach { row in
                let place = places[ordinal]
                places[ordinal] = place < 0 ? -1 : place &* size &+ codes[row]
                ordinal &+= 1
            }
        }
    }

    /// NULL has the number behind those of the values.
    private func addIntegers<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ key: Column, _ range: Range<Int>, _ rows: RowSelection, _ isFirst: Bool
    ) {
        let places = places
        let values = UnsafePointer(key.values(as: T.self))
        let validity = key.validity?.words
        let scale = key.isConstant ? 0 : 1
        let lowest = range.lowerBound
        let limit = UInt(range.count)
        let size = Int32(truncatingIfNeeded: range.count + 1)
        var ordinal = 0
        if isFirst, validity == nil, scale == 1 {
            rows.forEach { row in
                let offset = UInt(bitPattern: Int(truncatingIfNeeded: values[row]) &- lowest)
                places[ordinal] = offset < limit ? Int32(truncatingIfNeeded: offset) : -1
                ordinal &+= 1
            }
            return
        }
        rows.forEach { row in
            let element = row &* scale
            let offset = UInt(bitPattern: Int(truncatingIfNeeded: values[element]) &- lowest)
            var code = offset < limit ? Int32(truncatingIfNeeded: offset) : -1
            if let validity, validity[element >> 6] & (1 << UInt64(element & 63)) == 0 { code = size &- 1 }
            let before = isFirst ? 0 : places[ordinal]
            places[ordinal] = (before | code) < 0 ? -1 : before &* size &+ code
            ordinal &+= 1
        }
    }

    /// Writes the groups that are known, and returns how many rows have one.
    private func lookUp(_ count: Int, _ target: UnsafeMutablePointer<Int32>) -> Int {
        let groups = groups
        let places = places
        var found = 0
        for ordinal in 0..<count {
            let place = places[ordinal]
            let group = place < 0 ? -1 : groups[Int(place)]
            target[ordinal] = group
            found &+= group < 0 ? 0 : 1
        }
        unknownCount = count - found
        if unknownCount > 0 {
            var next = 0
            for ordinal in 0..<count where target[ordinal] < 0 {
                unknown[next] = Int32(truncatingIfNeeded: ordinal)
                next &+= 1
            }
        }
        return found
    }

    private func gatherUnknown(_ rows: RowSelection) {
        guard unknownCount > 0 else {
            unknownRows = .all(0)
            return
        }
        let chosen = SelectionVector(capacity: unknownCount)
        for index in 0..<unknownCount {
            chosen.indices[index] = Int32(truncatingIfNeeded: rows[Int(unknown[index])])
        }
        chosen.setCount(unknownCount)
        unknownRows = RowSelection(chosen)
    }
}
