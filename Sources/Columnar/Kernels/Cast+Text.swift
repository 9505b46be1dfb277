extension Cast {
    static func toText(_ frame: UnaryFrame, _ type: SQLType, _ context: CastContext) throws -> Column {
        var frame = frame
        switch frame.operand.type {
        case .string, .varchar, .char, .binary: break
        case .array, .map, .structure, .union: throw impossible(frame.operand.type, type)
        default:
            let text = TextFormatter(.cast, zone: context.zone)
                .format(frame.operand, rows: frame.rows, count: frame.count)
            frame = UnaryFrame(text, frame.rows, frame.count)
        }
        let characters: Int
        let isPadded: Bool
        switch type {
        case .varchar(let length): (characters, isPadded) = (length, false)
        case .char(let length): (characters, isPadded) = (length, true)
        default: return frame.operand.type == type ? frame.operand : frame.operand.retyped(type)
        }
        let result = frame.makeResult(type)
        result.heap = frame.operand.heap
        let source = UnsafePointer(frame.operand.values(as: StringView.self))
        let target = result.values(as: StringView.self)
        let bits = frame.operand.validity
        frame.rows.forEach { row in
            if let bits, !bits[row] {
                target[row] = StringView()
                return
            }
            let cut = CharacterText.prefix(source[row], characters: characters)
            target[row] = isPadded ? CharacterText.trimmingEnd(cut) : cut
        }
        withExtendedLifetime(frame) {}
        return result
    }

    static func toBinary(_ frame: UnaryFrame) throws -> Column {
        switch frame.operand.type {
        case .string, .varchar: return frame.operand.retyped(.binary)
        case .char(let length):
            // Blanks up to the declared length are part of the bytes.
            let result = frame.makeResult(.binary)
            let heap = StringHeap()
            result.heap = heap
            mapValidElements(frame, into: result, StringView.self, StringView.self) { text in
                let missing = max(length - CharacterText.length(text), 0)
                let place = heap.allocate(Int(text.length) + missing)
                place.update(from: text.pointer, count: Int(text.length))
                (place + Int(text.length)).update(repeating: 0x20, count: missing)
                return StringView(place, length: Int(text.length) + missing)
            }
            return result
        default: throw impossible(frame.operand.type, .binary)
        }
    }

    static func toInterval(_ frame: UnaryFrame, _ type: SQLType) throws -> Column {
        guard frame.operand.type.isCharacter else { throw impossible(frame.operand.type, type) }
        let result = frame.makeResult(type)
        if type == .intervalYearMonth {
            mapValidElements(frame, into: result, StringView.self, Int32.self) { IntervalText.months($0) }
        } else {
            mapValidElements(frame, into: result, StringView.self, Timestamp.self) { IntervalText.dayTime($0) }
        }
        return result
    }
}
