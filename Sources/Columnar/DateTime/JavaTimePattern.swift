/// A pattern of Java's `java.time.format.DateTimeFormatter` (English names, weeks that begin on Sunday), which Hive 4 takes where
/// `hive.datetime.formatter` is DATETIME: compiled once and applied to rows.
package struct JavaTimePattern: Sendable, Hashable {
    /// A field, by its letter in the pattern.
    struct Field: Sendable, Hashable {
        var letter: UInt8
        var count: Int
        /// Digits of the fields that follow without anything between, for one that takes what they leave.
        var reserved = 0
        /// Columns that it is padded to with blanks; 0: not at all.
        var padding = 0
    }

    enum Element: Sendable, Hashable {
        case literal([UInt8])
        case field(Field)
        /// `[`; the place behind the `]` that ends it.
        case optional(end: Int)
    }

    private(set) var elements: [Element] = []

    /// Why a text is no pattern, in Java's words.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    package init(_ pattern: [UInt8]) throws(Invalid) {
        let text = String(decoding: pattern, as: UTF8.self)
        var position = 0
        var open: [Int] = []
        var padding = 0
        func literal(_ bytes: [UInt8]) {
            if case .literal(let before) = elements.last, !ends.contains(elements.count) {
                elements[elements.count - 1] = .literal(before + bytes)
            } else {
                elements.append(.literal(bytes))
            }
        }
        // Where sections end: a literal behind one is no part of it.
        var ends: Set<Int> = []
        while position < pattern.count {
            let byte = pattern[position]
            if Self.isLetter(byte) {
                var count = 0
                while position < pattern.count, pattern[position] == byte { (position, count) = (position + 1, count + 1) }
                if byte == UInt8(ascii: "p") {
                    guard position < pattern.count, Self.isLetter(pattern[position]), padding == 0 else {
                        throw Invalid(description: "Pad letter 'p' must be followed by valid pad pattern: \(text)")
                    }
                    padding = count
                    continue
                }
                try Self.check(byte, count)
                elements.append(.field(Field(letter: byte, count: count, padding: padding)))
                padding = 0
                continue
            }
            position += 1
            switch byte {
            case UInt8(ascii: "'"):
                var quoted: [UInt8] = []
                var isClosed = false
                while position < pattern.count {
                    if pattern[position] == byte {
                        position += 1
                        guard position < pattern.count, pattern[position] == byte else {
                            isClosed = true
                            break
                        }
                    }
                    quoted.append(pattern[position])
                    position += 1
                }
                guard isClosed else {
                    throw Invalid(description: "Pattern ends with an incomplete string literal: \(text)")
                }
                literal(quoted.isEmpty ? [byte] : quoted)
            case UInt8(ascii: "["):
                open.append(elements.count)
                elements.append(.optional(end: 0))
            case UInt8(ascii: "]"):
                guard let start = open.popLast() else {
                    throw Invalid(description: "Pattern invalid as it contains ] without previous [")
                }
                elements[start] = .optional(end: elements.count)
                ends.insert(elements.count)
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#"):
                throw Invalid(description: "Pattern includes reserved character: '\(Character(Unicode.Scalar(byte)))'")
            default: literal([byte])
            }
        }
        // What is not closed ends with the pattern.
        for start in open { elements[start] = .optional(end: elements.count) }
        reserveDigits()
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A && byte < 0x80 }

    /// - Throws: for a letter without meaning, and for more of one than there may be.
    private static func check(_ letter: UInt8, _ count: Int) throws(Invalid) {
        let most: Int
        let name = Character(Unicode.Scalar(letter))
        switch name {
        case "G", "E", "M", "L", "Q", "q", "e", "X", "x", "Z": most = 5
        case "u", "y", "Y", "A", "n", "N": most = 19
        case "D": most = 3
        case "d", "h", "H", "k", "K", "m", "s", "w": most = 2
        case "F", "a", "W": most = 1
        case "S": most = 9
        case "z": most = 4
        case "c":
            if count == 2 { throw Invalid(description: "Invalid pattern \"cc\"") }
            most = 5
        case "V":
            guard count == 2 else { throw Invalid(description: "Pattern letter count must be 2: V") }
            most = 2
        case "O":
            guard count == 1 || count == 4 else { throw Invalid(description: "Pattern letter count must be 1 or 4: O") }
            most = 4
        default: throw Invalid(description: "Unknown pattern letter: \(name)")
        }
        guard count <= most else {
            throw Invalid(
                description: name == "S"
                    ? "Minimum width must be from 0 to 9 inclusive but was \(count)" : "Too many pattern letters: \(name)")
        }
    }

    /// A number of open width leaves digits to those of fixed width that stand right behind it.
    private mutating func reserveDigits() {
        var active: Int?
        for index in elements.indices {
            guard case .field(let field) = elements[index], field.isNumber || field.isFraction else {
                active = nil
                continue
            }
            let width = field.isFraction ? field.count : field.fixedWidth
            if let start = active, let width, case .field(var first) = elements[start] {
                first.reserved += width
                elements[start] = .field(first)
            } else {
                // Behind a number of fixed width nothing is reserved.
                active = width == nil ? index : nil
            }
        }
    }
}

extension JavaTimePattern.Field {
    /// Whether it is a fraction of a second, which has as many digits as letters.
    var isFraction: Bool { letter == UInt8(ascii: "S") }

    /// Whether it is written in digits (a fraction is no number of its own).
    var isNumber: Bool {
        switch Character(Unicode.Scalar(letter)) {
        case "u", "y", "Y", "A", "n", "N", "D", "d", "h", "H", "k", "K", "m", "s", "w", "F", "W": true
        case "M", "L", "Q", "q", "e", "c": count <= 2
        default: false
        }
    }

    /// Digits of a number that has always as many; nil: as it comes.
    var fixedWidth: Int? {
        switch Character(Unicode.Scalar(letter)) {
        case "u", "y", "Y": count == 2 ? 2 : nil
        case "D": count == 3 ? 3 : nil
        case "A", "n", "N", "F", "W": nil
        default: count == 2 ? 2 : nil
        }
    }

    /// How many digits a number has that is read.
    var digits: (least: Int, most: Int) {
        if let fixedWidth { return (fixedWidth, fixedWidth) }
        switch Character(Unicode.Scalar(letter)) {
        case "D" where count == 2: return (2, 3)
        case "u", "y", "Y", "A", "n", "N": return (count, 19)
        default: return (1, 19)
        }
    }
}
