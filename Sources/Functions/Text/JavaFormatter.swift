import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Decimal notation of doubles with rounding, grouped or not.
enum NumberText {
    /// Rounds the exact decimal digits of a value's shortest notation to `places`; returns sign, whole digits, fraction.
    static func rounded(_ value: Double, places: Int, mode: RoundingMode, exact: Bool = false) -> (negative: Bool, whole: String, fraction: String) {
        let digits = exact ? plainDigits(exactText(value.magnitude)) : plainDigits(value.magnitude.description)
        return rounded(digits, negative: value.sign == .minus, places: places, mode: mode)
    }

    /// Rounds digits with the point behind `point` of them.
    static func rounded(
        _ number: (digits: [UInt8], point: Int), negative: Bool, places: Int, mode: RoundingMode
    ) -> (negative: Bool, whole: String, fraction: String) {
        var digits = number.digits
        var point = number.point
        if point <= 0 {
            digits = [UInt8](repeating: 0, count: 1 - point) + digits
            point = 1
        }
        let kept = point + places
        while digits.count <= kept { digits.append(0) }
        let next = digits[kept]
        let rest = digits[(kept + 1)...].contains { $0 != 0 }
        var isUp = next > 5 || (next == 5 && rest)
        if next == 5, !rest { isUp = mode == .halfUp || (kept > 0 && digits[kept - 1] % 2 == 1) }
        digits = Array(digits[..<kept])
        if isUp {
            var index = kept - 1
            while index >= 0, digits[index] == 9 {
                digits[index] = 0
                index -= 1
            }
            if index >= 0 {
                digits[index] += 1
            } else {
                digits.insert(1, at: 0)
                point += 1
            }
        }
        func text(_ slice: ArraySlice<UInt8>) -> String { String(decoding: slice.map { $0 + 48 }, as: UTF8.self) }
        var whole = text(digits[..<point])
        while whole.count > 1, whole.hasPrefix("0") { whole.removeFirst() }
        return (negative, whole, text(digits[point...]))
    }

    private static func exactText(_ value: Double) -> String {
        // 1074 places hold every double exactly; few are needed, and zeros at the end do no harm.
        var buffer = [CChar](repeating: 0, count: 1500)
        withVaList([value]) { _ = vsnprintf(&buffer, buffer.count, "%.1080f", $0) }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The digits of a decimal notation with an optional exponent, and how many of them stand before the point.
    static func plainDigits(_ text: String) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = [], point = 0, exponent = 0
        var seenPoint = false
        var mantissa = Substring(text)
        if let mark = mantissa.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
            mantissa = mantissa[..<mark]
        }
        for byte in mantissa.utf8 {
            if byte == 46 { seenPoint = true }
            guard (48...57).contains(byte) else { continue }
            digits.append(byte - 48)
            if !seenPoint { point += 1 }
        }
        return (digits, point + exponent)
    }

    /// Puts a comma between groups of three digits.
    static func grouped(_ whole: String) -> String {
        var result = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result
    }
}

/// An argument of `printf`.
enum FormatValue {
    case null, boolean(Bool), integer(Int64, bits: Int), real(Double), text(String)
    /// Digits of a DECIMAL as they print.
    case decimal(String)
}

/// The format strings of Java's `java.util.Formatter`.
struct JavaFormatter: Sendable {
    private enum Piece: Sendable {
        case literal(String)
        case directive(Directive)
    }

    private struct Directive: Sendable {
        var index: Int?
        var flags: Set<Character> = []
        var width: Int?
        var precision: Int?
        var conversion: Character
        var repeatsLast = false
    }

    private let pieces: [Piece]

    init(_ format: String) throws {
        var pieces: [Piece] = []
        var literal = ""
        let characters = Array(format)
        var index = 0
        while index < characters.count {
            guard characters[index] == "%" else {
                literal.append(characters[index])
                index += 1
                continue
            }
            index += 1
            var directive = Directive(conversion: "%")
            func number() -> Int? {
                var value: Int?
                while index < characters.count, let digit = characters[index].wholeNumberValue, characters[index].isASCII {
                    value = min((value ?? 0) * 10 + digit, 1 << 20)
                    index += 1
                }
                return value
            }
            let start = index
            if index < characters.count, characters[index] != "0", let position = number() {
                if index < characters.count, characters[index] == "$" {
                    directive.index = position
                    index += 1
                } else {
                    index = start
                }
            }
            if index < characters.count, characters[index] == "<" {
                directive.repeatsLast = true
                index += 1
            }
            while index < characters.count, "-#+ 0,(".contains(characters[index]) {
                directive.flags.insert(characters[index])
                index += 1
            }
            directive.width = number()
            if index < characters.count, characters[index] == "." {
                index += 1
                directive.precision = number()
            }
            guard index < characters.count else { throw FunctionError(.argument, "UnknownFormatConversionException: Conversion = '%'") }
            directive.conversion = characters[index]
            index += 1
            guard "bBhHsScCdoxXeEfgGaA%n".contains(directive.conversion) else {
                throw FunctionError(.argument, "UnknownFormatConversionException: Conversion = '\(directive.conversion)'")
            }
            switch directive.conversion {
            case "%" where directive.width == nil: literal.append("%")
            case "n": literal.append("\n")
            default:
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(.directive(directive))
            }
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    func format(_ values: [FormatValue]) throws -> String {
        var result = ""
        var next = 0, last = -1
        for piece in pieces {
            switch piece {
            case .literal(let text): result += text
            case .directive(let directive):
                if directive.conversion == "%" {
                    result += Self.pad("%", directive)
                    continue
                }
                let place: Int
                if directive.repeatsLast {
                    place = last
                } else if let index = directive.index {
                    place = index - 1
                } else {
                    place = next
                    next += 1
                }
                last = place
                guard values.indices.contains(place) else {
                    throw FunctionError(.argument, "MissingFormatArgumentException: Format specifier '%\(directive.conversion)'")
                }
                result += try Self.format(values[place], directive)
            }
        }
        return result
    }

    private static func pad(_ text: String, _ directive: Directive) -> String {
        guard let width = directive.width, text.count < width else { return text }
        let filler = String(repeating: " ", count: width - text.count)
        return directive.flags.contains("-") ? text + filler : filler + text
    }

    private static func mismatch(_ directive: Directive, _ type: String) -> FunctionError {
        FunctionError(.argument, "IllegalFormatConversionException: \(directive.conversion) != java.lang.\(type)")
    }

    private static func javaText(_ value: Double) -> String {
        let buffer = ByteBuffer(capacity: 64)
        NumberFormatter.append(value, to: buffer)
        return buffer.string
    }

    private static func format(_ value: FormatValue, _ directive: Directive) throws -> String {
        let isUpper = directive.conversion.isUppercase
        func finish(_ text: String) -> String { pad(isUpper ? text.uppercased() : text, directive) }
        func cut(_ text: String) -> String { directive.precision.map { String(text.prefix($0)) } ?? text }
        switch directive.conversion.lowercased() {
        case "b":
            switch value {
            case .null: return finish(cut("false"))
            case .boolean(let truth): return finish(cut(truth ? "true" : "false"))
            default: return finish(cut("true"))
            }
        case "s":
            switch value {
            case .null: return finish(cut("null"))
            case .boolean(let truth): return finish(cut(truth ? "true" : "false"))
            case .integer(let number, _): return finish(cut(String(number)))
            case .real(let number): return finish(cut(javaText(number)))
            case .text(let text), .decimal(let text): return finish(cut(text))
            }
        case "h":
            switch value {
            case .null: return finish("null")
            case .integer(let number, _): return finish(String(UInt32(truncatingIfNeeded: number ^ (number >> 32)), radix: 16))
            case .text(let text):
                var hash: Int32 = 0
                for unit in text.utf16 { hash = hash &* 31 &+ Int32(unit) }
                return finish(String(UInt32(bitPattern: hash), radix: 16))
            default: throw mismatch(directive, "Object")
            }
        case "c":
            switch value {
            case .null: return finish("null")
            case .integer(let code, _):
                guard let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: code)) else { throw mismatch(directive, "Integer") }
                return finish(String(Character(scalar)))
            default: throw mismatch(directive, "String")
            }
        case "d", "o", "x":
            guard case .integer(let number, let bits) = value else {
                if case .null = value { return finish("null") }
                throw mismatch(directive, typeName(value))
            }
            if directive.conversion == "d" { return signed(number < 0, grouping(String(number.magnitude), directive), directive) }
            let mask: UInt64 = bits >= 64 ? .max : (1 << UInt64(bits)) - 1
            let radix = directive.conversion == "o" ? 8 : 16
            var text = String(UInt64(bitPattern: number) & mask, radix: radix)
            if directive.flags.contains("#") { text = (radix == 8 ? "0" : "0x") + text }
            if directive.flags.contains("0"), let width = directive.width, text.count < width {
                text = String(repeating: "0", count: width - text.count) + text
            }
            return finish(text)
        default: return try formatReal(value, directive)
        }
    }

    private static func typeName(_ value: FormatValue) -> String {
        switch value {
        case .null: "Object"
        case .boolean: "Boolean"
        case .integer(_, let bits): bits >= 64 ? "Long" : "Integer"
        case .real: "Double"
        case .text: "String"
        case .decimal: "math.BigDecimal"
        }
    }

    private static func grouping(_ whole: String, _ directive: Directive) -> String {
        directive.flags.contains(",") ? NumberText.grouped(whole) : whole
    }

    /// Puts sign, brackets, zeros and blanks round the digits of a number.
    private static func signed(_ negative: Bool, _ digits: String, _ directive: Directive) -> String {
        var before = "", after = ""
        if negative {
            before = directive.flags.contains("(") ? "(" : "-"
            after = directive.flags.contains("(") ? ")" : ""
        } else if directive.flags.contains("+") {
            before = "+"
        } else if directive.flags.contains(" ") {
            before = " "
        }
        var body = digits
        if body.hasPrefix("0x") {
            before += "0x"
            body.removeFirst(2)
        }
        if directive.flags.contains("0"), let width = directive.width {
            let missing = width - before.count - after.count - body.count
            if missing > 0 { body = String(repeating: "0", count: missing) + body }
        }
        let text = before + body + after
        return pad(directive.conversion.isUppercase ? text.uppercased() : text, directive)
    }

    private static func formatReal(_ value: FormatValue, _ directive: Directive) throws -> String {
        let number: (digits: [UInt8], point: Int)
        let negative: Bool
        switch value {
        case .null: return pad(directive.conversion.isUppercase ? "NULL" : "null", directive)
        case .real(let real):
            guard real.isFinite else {
                return pad(real.isNaN ? "NaN" : real < 0 ? "-Infinity" : directive.flags.contains("+") ? "+Infinity" : "Infinity", directive)
            }
            if directive.conversion.lowercased() == "a" {
                return signed(real.sign == .minus, hexadecimal(real.magnitude, directive.precision), directive)
            }
            number = NumberText.plainDigits(real.magnitude.description)
            negative = real.sign == .minus
        case .decimal(let text):
            if directive.conversion.lowercased() == "a" { return try formatReal(.real(Double(text) ?? .nan), directive) }
            number = NumberText.plainDigits(text)
            negative = text.hasPrefix("-")
        default: throw mismatch(directive, typeName(value))
        }
        let precision = directive.precision ?? 6
        switch directive.conversion.lowercased() {
        case "f": return signed(negative, fixed(number, precision, directive), directive)
        case "e": return signed(negative, scientific(number, precision), directive)
        case "g":
            let significant = max(precision, 1)
            let magnitude = leadingExponent(number)
            let isZero = number.digits.allSatisfy { $0 == 0 }
            if isZero || (magnitude >= -4 && magnitude < significant) {
                return signed(negative, fixed(number, max(significant - (isZero ? 0 : magnitude) - 1, 0), directive), directive)
            }
            return signed(negative, scientific(number, significant - 1), directive)
        default: throw FunctionError(.argument, "printf does not support the conversion %\(directive.conversion)")
        }
    }

    /// `0x1.8p0`: as many digits behind the point as the number has, or `precision`, but one at least.
    private static func hexadecimal(_ value: Double, _ precision: Int?) -> String {
        let places = precision.map { max($0, 1) }
        var fraction = value.significandBitPattern
        var whole = value.isNormal ? 1 : 0
        var exponent = value == 0 ? 0 : value.isNormal ? Int(value.exponent) : Int(Double.leastNormalMagnitude.exponent)
        if let places, places < 13, value != 0 {
            // Halves are rounded to the even digit; what is not normal is made so.
            let significand = value.significand
            let scaled = ((significand - 1) * Double(sign: .plus, exponent: 4 * places, significand: 1)).rounded(.toNearestOrEven)
            (whole, exponent) = (1, Int(value.exponent))
            fraction = UInt64(scaled) << UInt64(52 - 4 * places)
            if fraction >= 1 << 52 { (fraction, exponent) = (0, exponent + 1) }
        }
        let hexadecimal = String(fraction, radix: 16)
        var digits = String(repeating: "0", count: 13 - hexadecimal.count) + hexadecimal
        while digits.count > places ?? 1, digits.hasSuffix("0") { digits.removeLast() }
        if let places, digits.count < places { digits += String(repeating: "0", count: places - digits.count) }
        return "0x\(whole).\(digits)p\(exponent)"
    }

    private static func fixed(_ number: (digits: [UInt8], point: Int), _ places: Int, _ directive: Directive) -> String {
        let parts = NumberText.rounded(number, negative: false, places: places, mode: .halfUp)
        return grouping(parts.whole, directive) + (places > 0 ? "." + parts.fraction : "")
    }

    /// The power of ten of the first digit that is not 0.
    private static func leadingExponent(_ number: (digits: [UInt8], point: Int)) -> Int {
        (number.digits.firstIndex { $0 != 0 }).map { number.point - $0 - 1 } ?? 0
    }

    private static func scientific(_ number: (digits: [UInt8], point: Int), _ places: Int) -> String {
        var exponent = leadingExponent(number)
        let first = number.digits.firstIndex { $0 != 0 } ?? 0
        var parts = NumberText.rounded((Array(number.digits[first...]), 1), negative: false, places: places, mode: .halfUp)
        if parts.whole.count > 1 {
            parts.whole = "1"
            exponent += 1
        }
        let magnitude = String(exponent.magnitude)
        return parts.whole + (places > 0 ? "." + parts.fraction : "") + (exponent < 0 ? "e-" : "e+")
            + (magnitude.count < 2 ? "0" + magnitude : magnitude)
    }
}
