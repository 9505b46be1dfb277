/// The characters a class of a regular expression stands for.
indirect enum CharacterClass: Sendable {
    case ranges([ClosedRange<UInt32>])
    /// A property of Unicode: `\p{L}`, `\p{IsAlphabetic}`.
    case property(UnicodeProperty)
    case union([CharacterClass])
    case intersection(CharacterClass, CharacterClass)
    case complement(CharacterClass)
    /// The class, or its other case.
    case caseless(CharacterClass, unicode: Bool)

    static let digit = CharacterClass.ranges([48...57])
    static let word = CharacterClass.ranges([48...57, 65...90, 95...95, 97...122])
    static let space = CharacterClass.ranges([9...13, 32...32])
    static let horizontalSpace = CharacterClass.ranges([
        9...9, 32...32, 0xA0...0xA0, 0x1680...0x1680, 0x180E...0x180E, 0x2000...0x200A, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000,
    ])
    static let verticalSpace = CharacterClass.ranges([10...13, 0x85...0x85, 0x2028...0x2029])
    static let lineEnd = CharacterClass.ranges([10...10, 13...13, 0x85...0x85, 0x2028...0x2029])
    static let everything = CharacterClass.ranges([0...0x10FFFF])

    static func character(_ scalar: UInt32) -> CharacterClass { .ranges([scalar...scalar]) }

    func contains(_ scalar: UInt32) -> Bool {
        switch self {
        case .ranges(let ranges): return ranges.contains { $0.contains(scalar) }
        case .property(let property): return property.holds(scalar)
        case .union(let members): return members.contains { $0.contains(scalar) }
        case .intersection(let left, let right): return left.contains(scalar) && right.contains(scalar)
        case .complement(let inner): return !inner.contains(scalar)
        case .caseless(let inner, let unicode):
            if inner.contains(scalar) { return true }
            return CharacterClass.otherCases(scalar, unicode: unicode).contains { inner.contains($0) }
        }
    }

    /// The same letter in upper and lower case.
    static func otherCases(_ scalar: UInt32, unicode: Bool) -> [UInt32] {
        if scalar < 128 {
            if (65...90).contains(scalar) { return [scalar + 32] }
            if (97...122).contains(scalar) { return [scalar - 32] }
            return []
        }
        guard unicode, let value = Unicode.Scalar(scalar) else { return [] }
        return [value.properties.uppercaseMapping, value.properties.lowercaseMapping].compactMap { mapped in
            mapped.unicodeScalars.count == 1 ? mapped.unicodeScalars.first?.value : nil
        }
    }

    /// The class of `\p{name}`; nil when the name is not known.
    static func named(_ name: String) -> CharacterClass? {
        switch name {
        case "Lower": return .ranges([97...122])
        case "Upper": return .ranges([65...90])
        case "ASCII": return .ranges([0...127])
        case "Alpha": return .ranges([65...90, 97...122])
        case "Digit": return .digit
        case "Alnum": return .ranges([48...57, 65...90, 97...122])
        case "Punct": return .ranges([33...47, 58...64, 91...96, 123...126])
        case "Graph": return .ranges([33...126])
        case "Print": return .ranges([32...126])
        case "Blank": return .ranges([9...9, 32...32])
        case "Cntrl": return .ranges([0...31, 127...127])
        case "XDigit": return .ranges([48...57, 65...70, 97...102])
        case "Space": return .space
        default: return UnicodeProperty(name).map { .property($0) }
        }
    }
}

/// A property that Unicode gives to characters.
enum UnicodeProperty: Sendable {
    /// General categories by the first letters of their abbreviations: `L`, `Lu`, `Nd`.
    case category(String)
    case alphabetic, lowercase, uppercase, whitespace, digit, letter, punctuation, control, ideographic
    /// A script, by its main blocks.
    case blocks([ClosedRange<UInt32>])

    init?(_ name: String) {
        var plain = name
        for prefix in ["general_category=", "gc=", "script=", "sc=", "block=", "blk="] where plain.lowercased().hasPrefix(prefix) {
            plain = String(plain.dropFirst(prefix.count))
        }
        if Self.categories.contains(plain) {
            self = .category(plain)
            return
        }
        let bare = (plain.hasPrefix("Is") || plain.hasPrefix("In") ? String(plain.dropFirst(2)) : plain).lowercased()
        switch bare {
        case "alphabetic", "javaalphabetic": self = .alphabetic
        case "lowercase", "javalowercase": self = .lowercase
        case "uppercase", "javauppercase": self = .uppercase
        case "white_space", "javawhitespace", "javaspacechar": self = .whitespace
        case "digit", "javadigit": self = .digit
        case "letter", "javaletter": self = .letter
        case "punctuation": self = .punctuation
        case "control": self = .control
        case "ideographic": self = .ideographic
        default:
            if let ranges = Self.scripts[bare] {
                self = .blocks(ranges)
            } else if Self.categories.contains(where: { $0.lowercased() == bare }) {
                guard let found = Self.categories.first(where: { $0.lowercased() == bare }) else { return nil }
                self = .category(found)
            } else {
                return nil
            }
        }
    }

    static let categories: Set<String> = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cs", "Cn", "LC",
    ]

    static let scripts: [String: [ClosedRange<UInt32>]] = [
        "latin": [65...90, 97...122, 0xAA...0xAA, 0xBA...0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2B8, 0x1E00...0x1EFF],
        "greek": [0x370...0x3FF, 0x1F00...0x1FFF],
        "cyrillic": [0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F],
        "arabic": [0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF],
        "hebrew": [0x590...0x5FF], "thai": [0xE00...0xE7F], "devanagari": [0x900...0x97F],
        "hiragana": [0x3041...0x309F], "katakana": [0x30A0...0x30FF, 0x31F0...0x31FF],
        "hangul": [0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF],
        "han": [0x2E80...0x2FDF, 0x3005...0x3007, 0x3021...0x3029, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2FA1F],
        "cjkunifiedideographs": [0x4E00...0x9FFF], "basiclatin": [0...127], "latin-1supplement": [0x80...0xFF],
    ]

    func holds(_ scalar: UInt32) -> Bool {
        if case .blocks(let ranges) = self { return ranges.contains { $0.contains(scalar) } }
        guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
        switch self {
        case .alphabetic: return properties.isAlphabetic
        case .lowercase: return properties.isLowercase
        case .uppercase: return properties.isUppercase
        case .whitespace: return properties.isWhitespace
        case .ideographic: return properties.isIdeographic
        case .digit: return properties.generalCategory == .decimalNumber
        case .letter: return Self.code(properties.generalCategory).hasPrefix("L")
        case .punctuation: return Self.code(properties.generalCategory).hasPrefix("P")
        case .control: return properties.generalCategory == .control
        case .category("LC"): return ["Lu", "Ll", "Lt"].contains(Self.code(properties.generalCategory))
        case .category(let wanted): return Self.code(properties.generalCategory).hasPrefix(wanted)
        case .blocks: return false
        }
    }

    static func code(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}

/// A class prepared for matching: a bitmap for ASCII, the class itself beyond.
struct CharacterSet: Sendable {
    let low: UInt64
    let high: UInt64
    let wide: CharacterClass
    /// What all characters beyond ASCII answer, when they all answer the same.
    let wideAnswer: Bool?

    init(_ class: CharacterClass) {
        var low: UInt64 = 0, high: UInt64 = 0
        for scalar in UInt32(0)..<64 where `class`.contains(scalar) { low |= 1 << UInt64(scalar) }
        for scalar in UInt32(64)..<128 where `class`.contains(scalar) { high |= 1 << UInt64(scalar - 64) }
        self.low = low
        self.high = high
        wide = `class`
        wideAnswer = Self.uniform(`class`)
    }

    private static func uniform(_ class: CharacterClass) -> Bool? {
        switch `class` {
        case .ranges(let ranges):
            if ranges.allSatisfy({ $0.upperBound < 128 }) { return false }
            return ranges.contains { $0.lowerBound <= 128 && $0.upperBound >= 0x10FFFF } ? true : nil
        case .complement(let inner): return uniform(inner).map { !$0 }
        case .union(let members):
            let answers = members.map { uniform($0) }
            if answers.contains(true) { return true }
            return answers.allSatisfy { $0 == false } ? false : nil
        case .intersection(let left, let right):
            let answers = [uniform(left), uniform(right)]
            if answers.contains(false) { return false }
            return answers.allSatisfy { $0 == true } ? true : nil
        case .caseless(let inner, let unicode): return unicode ? nil : uniform(inner)
        case .property: return nil
        }
    }

    @inline(never)
    func containsWide(_ scalar: UInt32) -> Bool { wideAnswer ?? wide.contains(scalar) }
}
