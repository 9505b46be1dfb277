/// `hive.transform.escape.input`: backslashes, line ends and tabs within fields go to a program, and come from it, as `\\`, `\n`,
/// `\r` and `\t`. Rows are written and read with the backslash as escape, which has other spellings of tabs and delimiters, and of
/// NULL; these two translate between them, in pieces of any size.
enum ScriptEscapes {
    private static let backslash = UInt8(ascii: "\\")
    private static let tab: UInt8 = 0x09

    /// From what the writer of rows says to what the program reads.
    struct Input {
        /// A backslash came whose next byte has not come yet.
        private var isOpen = false

        mutating func translated(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count + 1)
            for byte in bytes {
                guard isOpen else {
                    if byte == backslash { isOpen = true } else { result.append(byte) }
                    continue
                }
                isOpen = false
                switch byte {
                case tab: result += [backslash, UInt8(ascii: "t")]
                case backslash, UInt8(ascii: "n"), UInt8(ascii: "r"): result += [backslash, byte]
                // NULL's `\N`, whose backslash is like any other.
                case UInt8(ascii: "N"): result += [backslash, backslash, byte]
                // Delimiters of items and keys stand as they are.
                default: result.append(byte)
                }
            }
            return result
        }
    }

    /// From what the program says to what the reader of rows reads.
    struct Output {
        private enum State {
            case plain
            /// A backslash was handed on whose next byte has not come yet.
            case open
            /// A second one as well, at the beginning of a field, is held back: `\\N` is NULL.
            case held
        }

        private var state = State.plain
        private var isAtFieldStart = true
        /// Whether the open backslash begins a field.
        private var beginsField = false

        /// Gives something wherever it gets something.
        mutating func translated(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count * 2 + 1)
            for byte in bytes { take(byte, &result) }
            if result.isEmpty, state == .held {
                state = .plain
                result.append(backslash)
            }
            return result
        }

        private mutating func take(_ byte: UInt8, _ result: inout [UInt8]) {
            switch state {
            case .plain:
                result.append(byte)
                if byte == backslash { (state, beginsField) = (.open, isAtFieldStart) }
                isAtFieldStart = byte == tab || byte == 0x0A
            case .open:
                state = .plain
                switch byte {
                case UInt8(ascii: "t"): result.append(tab)
                case UInt8(ascii: "n"), UInt8(ascii: "r"): result.append(byte)
                case backslash: if beginsField { state = .held } else { result.append(byte) }
                default:
                    // No escape: the backslash stands for itself, unless it is NULL's.
                    if !(byte == UInt8(ascii: "N") && beginsField) { result.append(backslash) }
                    result.append(byte)
                    isAtFieldStart = byte == tab || byte == 0x0A
                }
            case .held:
                state = .plain
                if byte == UInt8(ascii: "N") { return result.append(byte) }
                result.append(backslash)
                take(byte, &result)
            }
        }
    }
}
