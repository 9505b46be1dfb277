import Columnar

/// A path of `get_json_object`: `$`, `.key`, `[n]` and `[*]`. Brackets that hold anything else are ignored.
struct JSONPath {
    enum Subscript: Equatable { case place(Int), all }

    /// A member, then elements of it. All subscripts of a step look at the same values: `[*][0]` is the first element of
    /// every element.
    struct Step {
        var key: [UInt8]?
        var subscripts: [Subscript]
    }

    enum Root { case any, object, array }

    /// What the text has to be.
    let root: Root
    let steps: [Step]

    /// The path to a member of the root.
    init(member key: StringView) {
        root = .object
        steps = [Step(key: Array(key.bytes), subscripts: [])]
    }

    /// nil for a text that is no path or leads nowhere in any text.
    init?(_ text: StringView) {
        let bytes = text.bytes
        guard bytes.first == UInt8(ascii: "$") else { return nil }
        var parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        var isRootArray = false
        if bytes.count == 1 {
            root = .any
            parts.removeAll()
        } else {
            if bytes[1] == UInt8(ascii: "[") {
                isRootArray = true
            } else {
                guard bytes[1] == UInt8(ascii: ".") else { return nil }
                isRootArray = bytes.count > 2 && bytes[2] == UInt8(ascii: "[")
                parts.removeFirst()
            }
            root = isRootArray ? .array : .object
        }
        var steps: [Step] = []
        for (index, part) in parts.enumerated() {
            // The first step into an array has no key.
            var key: [UInt8]?
            if !(isRootArray && index == 0) {
                let prefix = part.prefix(while: Self.isKeyByte)
                guard !prefix.isEmpty, !Self.endsLine(part[prefix.endIndex...]) else { return nil }
                key = Array(prefix)
            }
            steps.append(Step(key: key, subscripts: Self.subscripts(part)))
        }
        self.steps = steps
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "_"), 0x20, 9...13: true
        default: false
        }
    }

    /// What follows a key may be anything but a line's end.
    private static func endsLine(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let ends: [[UInt8]] = [[0x0A], [0x0D], [0xC2, 0x85], [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xA9]]
        return text.indices.contains { at in ends.contains { text[at...].starts(with: $0) } }
    }

    /// All `[n]` and `[*]` in a part of the path.
    private static func subscripts(_ part: Slice<UnsafeBufferPointer<UInt8>>) -> [Subscript] {
        var result: [Subscript] = []
        var rest = part
        while let open = rest.firstIndex(of: UInt8(ascii: "[")) {
            rest = rest[(open + 1)...]
            if rest.starts(with: [UInt8(ascii: "*"), UInt8(ascii: "]")]) {
                result.append(.all)
                rest = rest.dropFirst(2)
                continue
            }
            let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            guard !digits.isEmpty, rest[digits.endIndex...].first == UInt8(ascii: "]") else { continue }
            // No array has an element whose number is too large.
            result.append(.place(Int(String(decoding: digits, as: UTF8.self)) ?? .max))
            rest = rest[(digits.endIndex + 1)...]
        }
        return result
    }
}
