/// Writes columns as `RowBlock` says.
struct RowBlockWriter {
    private let buffer: ByteBuffer

    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    func append(_ column: Column, _ chosen: ChosenElements) {
        switch column.encoding {
        case .constant where chosen.count > 0:
            withoutNulls(column, ChosenElements(first: 0, count: 1)) { append(column, $0, nulls: $1, .constant) }
        case .dictionary:
            guard let base = column.base else { return }
            let indices = UnsafePointer(column.indices)
            withPlaces(chosen.count) { places in
                for ordinal in 0..<chosen.count {
                    let row = chosen[ordinal]
                    places[ordinal] = row < 0 ? -1 : Int(indices[row])
                }
                append(base, ChosenElements(places: places, count: chosen.count))
            }
        case .flat, .constant:
            withoutNulls(column, chosen) { append(column, $0, nulls: $1, []) }
        }
    }

    /// Calls `body` with the elements, those that are NULL as -1, and how many these are.
    private func withoutNulls(_ column: Column, _ chosen: ChosenElements, _ body: (ChosenElements, Int) -> Void) {
        if let bits = column.validity {
            withPlaces(chosen.count) { places in
                var nulls = 0
                for ordinal in 0..<chosen.count {
                    let element = chosen[ordinal]
                    let isNull = element < 0 || !bits[element]
                    places[ordinal] = isNull ? -1 : element
                    nulls &+= isNull ? 1 : 0
                }
                // Elements that follow one another are copied at once.
                body(nulls == 0 ? chosen : ChosenElements(places: places, count: chosen.count), nulls)
            }
        } else {
            var nulls = 0
            if let places = chosen.places {
                for ordinal in 0..<chosen.count { nulls &+= places[ordinal] < 0 ? 1 : 0 }
            }
            body(chosen, nulls)
        }
    }

    private func append(_ column: Column, _ chosen: ChosenElements, nulls: Int, _ kind: RowBlock.Form) {
        var form = kind
        if nulls > 0 { form.insert(.hasNulls) }
        switch column.type.physical {
        case .boolean, .int8:
            head(form, chosen)
            words(UInt8.self, column, chosen)
        case .int16:
            head(form, chosen)
            words(UInt16.self, column, chosen)
        case .int32, .float:
            head(form, chosen)
            words(UInt32.self, column, chosen)
        case .int64, .double:
            head(form, chosen)
            words(UInt64.self, column, chosen)
        case .int128: decimals(column, chosen, form)
        case .timestamp:
            head(form, chosen)
            timestamps(column, chosen)
        case .string: strings(column, chosen, form)
        case .list: lists(column, chosen, form)
        case .structure:
            head(form, chosen)
            // What nobody reads of a NULL need not be readable.
            for child in column.children { append(child, chosen) }
        case .union:
            head(form, chosen)
            unions(column, chosen)
        }
    }

    private func head(_ form: RowBlock.Form, _ chosen: ChosenElements) {
        buffer.append(form.rawValue)
        guard form.contains(.hasNulls) else { return }
        let count = (chosen.count + 7) / 8
        let bits = buffer.reserve(count)
        bits.update(repeating: 0xff, count: count)
        for ordinal in 0..<chosen.count where chosen[ordinal] < 0 { bits[ordinal >> 3] &= ~(1 << UInt8(ordinal & 7)) }
        buffer.advance(count)
    }

    private func words<Word: FixedWidthInteger>(_: Word.Type, _ column: Column, _ chosen: ChosenElements) {
        let width = MemoryLayout<Word>.size
        let target = UnsafeMutableRawPointer(buffer.reserve(chosen.count * width))
        let source = UnsafeRawPointer(column.rawValues)
        if let places = chosen.places {
            for ordinal in 0..<chosen.count {
                let element = places[ordinal]
                let word: Word = element < 0 ? 0 : source.load(fromByteOffset: element &* width, as: Word.self)
                target.storeBytes(of: word, toByteOffset: ordinal &* width, as: Word.self)
            }
        } else if chosen.count > 0 {
            target.copyMemory(from: source + chosen.first * width, byteCount: chosen.count * width)
        }
        buffer.advance(chosen.count * width)
    }

    /// Most decimals fit in 64 bits, whatever their type allows.
    private func decimals(_ column: Column, _ chosen: ChosenElements, _ form: RowBlock.Form) {
        let values = UnsafePointer(column.values(as: Int128.self))
        var isNarrow = true
        for ordinal in 0..<chosen.count {
            let element = chosen[ordinal]
            if element >= 0, Int64(exactly: values[element]) == nil { isNarrow = false }
        }
        guard isNarrow else {
            head(form, chosen)
            return words(UInt128.self, column, chosen)
        }
        head(form.union(.isNarrow), chosen)
        let target = UnsafeMutableRawPointer(buffer.reserve(chosen.count * 8))
        for ordinal in 0..<chosen.count {
            let element = chosen[ordinal]
            target.storeBytes(
                of: element < 0 ? 0 : Int64(truncatingIfNeeded: values[element]), toByteOffset: ordinal &* 8, as: Int64.self)
        }
        buffer.advance(chosen.count * 8)
    }

    private func timestamps(_ column: Column, _ chosen: ChosenElements) {
        let values = UnsafePointer(column.values(as: Timestamp.self))
        let seconds = UnsafeMutableRawPointer(buffer.reserve(chosen.count * 12))
        let nanoseconds = seconds + chosen.count * 8
        for ordinal in 0..<chosen.count {
            let element = chosen[ordinal]
            let value = element < 0 ? Timestamp(seconds: 0) : values[element]
            seconds.storeBytes(of: value.seconds, toByteOffset: ordinal &* 8, as: Int64.self)
            nanoseconds.storeBytes(of: value.nanoseconds, toByteOffset: ordinal &* 4, as: Int32.self)
        }
        buffer.advance(chosen.count * 12)
    }

    private func strings(_ column: Column, _ chosen: ChosenElements, _ form: RowBlock.Form) {
        let values = UnsafePointer(column.values(as: StringView.self))
        withPlaces(chosen.count) { lengths in
            var total = 0
            for ordinal in 0..<chosen.count {
                let element = chosen[ordinal]
                let length = element < 0 ? 0 : Int(values[element].length)
                lengths[ordinal] = length
                total &+= length
            }
            append(lengths: lengths, of: chosen, form)
            var target = buffer.reserve(total)
            for ordinal in 0..<chosen.count {
                let length = lengths[ordinal]
                guard length > 0 else { continue }
                target.update(from: values[chosen[ordinal]].pointer, count: length)
                target += length
            }
            buffer.advance(total)
        }
    }

    private func lists(_ column: Column, _ chosen: ChosenElements, _ form: RowBlock.Form) {
        let entries = UnsafePointer(column.values(as: ListEntry.self))
        withPlaces(chosen.count) { lengths in
            var total = 0
            var first = 0
            var isOnePiece = true
            for ordinal in 0..<chosen.count {
                let element = chosen[ordinal]
                let entry = element < 0 ? ListEntry(offset: 0, length: 0) : entries[element]
                lengths[ordinal] = entry.length
                guard entry.length > 0 else { continue }
                if total == 0 { first = entry.offset }
                if entry.offset != first &+ total { isOnePiece = false }
                total &+= entry.length
            }
            append(lengths: lengths, of: chosen, form)
            // Elements that nobody reads are one NULL, however many there are.
            if isOnePiece || column.children.allSatisfy(\.isConstant) {
                for child in column.children { append(child, ChosenElements(first: first, count: total)) }
                return
            }
            withPlaces(total) { items in
                var place = 0
                for ordinal in 0..<chosen.count where lengths[ordinal] > 0 {
                    let offset = entries[chosen[ordinal]].offset
                    for item in 0..<lengths[ordinal] {
                        items[place] = offset &+ item
                        place &+= 1
                    }
                }
                for child in column.children { append(child, ChosenElements(places: items, count: total)) }
            }
        }
    }

    private func append(lengths: UnsafePointer<Int>, of chosen: ChosenElements, _ form: RowBlock.Form) {
        var largest = 0
        for ordinal in 0..<chosen.count { largest = max(largest, lengths[ordinal]) }
        let whole = form.union(.lengths(upTo: largest))
        head(whole, chosen)
        switch whole.lengthWidth {
        case 1: append(UInt8.self, lengths, chosen.count)
        case 2: append(UInt16.self, lengths, chosen.count)
        case 4: append(UInt32.self, lengths, chosen.count)
        default: append(UInt64.self, lengths, chosen.count)
        }
    }

    private func append<Word: FixedWidthInteger>(_: Word.Type, _ numbers: UnsafePointer<Int>, _ count: Int) {
        let width = MemoryLayout<Word>.size
        let target = UnsafeMutableRawPointer(buffer.reserve(count * width))
        for ordinal in 0..<count {
            target.storeBytes(of: Word(truncatingIfNeeded: numbers[ordinal]), toByteOffset: ordinal &* width, as: Word.self)
        }
        buffer.advance(count * width)
    }

    /// Only the member that the tag names has a value.
    private func unions(_ column: Column, _ chosen: ChosenElements) {
        words(UInt8.self, column, chosen)
        let tags = UnsafePointer(column.values(as: UInt8.self))
        for (member, child) in column.children.enumerated() {
            withPlaces(chosen.count) { places in
                for ordinal in 0..<chosen.count {
                    let element = chosen[ordinal]
                    places[ordinal] = element >= 0 && Int(tags[element]) == member ? element : -1
                }
                append(child, ChosenElements(places: places, count: chosen.count))
            }
        }
    }

    private func withPlaces(_ count: Int, _ body: (UnsafeMutablePointer<Int>) -> Void) {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: max(count, 1)) { buffer in
            if let start = buffer.baseAddress { body(start) }
        }
    }
}
