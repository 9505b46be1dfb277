/// A path of `get_json_object`: `$`, `.key`, `[n]` and `[*]`. Brackets that hold anything else are ignored.
struct JSONPath: Sendable {
    private enum Subscript: Sendable { case place(Int), all }

    private struct Step: Sendable {
        var key: String?
        var subscripts: [Subscript] = []
    }

    private let steps: [Step]
    private let isRootArray: Bool

    /// nil for a text that is no path.
    init?(_ text: String) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !parts.isEmpty else { return nil }
        let root = parts.removeFirst()
        guard root == "$" || root.hasPrefix("$[") else { return nil }
        isRootArray = root.hasPrefix("$[")
        var steps: [Step] = []
        if isRootArray { steps.append(Step(key: nil, subscripts: Self.subscripts(root))) }
        for part in parts {
            let key = String(part.unicodeScalars.prefix(while: Self.isKeyScalar))
            guard !key.isEmpty else { return nil }
            steps.append(Step(key: key, subscripts: Self.subscripts(part)))
        }
        self.steps = steps
    }

    private static func isKeyScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 48...57, 65...90, 97...122, 45, 58, 95, 32, 9...13: true
        default: scalar.value > 127
        }
    }

    /// All `[n]` and `[*]` in a part of the path.
    private static func subscripts(_ text: String) -> [Subscript] {
        var result: [Subscript] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "[") {
            rest = rest[rest.index(after: open)...]
            guard let close = rest.firstIndex(of: "]") else { break }
            let inner = rest[..<close]
            if inner == "*" {
                result.append(.all)
            } else if !inner.isEmpty, inner.allSatisfy({ $0.isASCII && $0.isNumber }), let place = Int(inner) {
                result.append(.place(place))
            } else {
                continue
            }
            rest = rest[rest.index(after: close)...]
        }
        return result
    }

    /// What the path leads to; nil when it leads nowhere.
    func find(in root: JSONValue) -> JSONValue? {
        switch root {
        case .object: guard !isRootArray else { return nil }
        case .array: guard isRootArray else { return nil }
        default: return nil
        }
        var current = root
        for step in steps {
            if let key = step.key {
                guard let found = Self.member(key, of: current) else { return nil }
                current = found
            }
            if !step.subscripts.isEmpty {
                guard let found = Self.elements(step.subscripts, of: current) else { return nil }
                current = found
            }
        }
        return current
    }

    /// A member, or the members of all objects in an array, arrays among them laid out flat.
    private static func member(_ key: String, of value: JSONValue) -> JSONValue? {
        guard case .array(let elements) = value else { return value.member(key) }
        var found: [JSONValue] = []
        for element in elements {
            switch element.member(key) {
            case .array(let inner)?: found += inner
            case .null?, nil: continue
            case let member?: found.append(member)
            }
        }
        return found.isEmpty ? nil : .array(found)
    }

    private static func elements(_ subscripts: [Subscript], of value: JSONValue) -> JSONValue? {
        var current = [value]
        for step in subscripts {
            var next: [JSONValue] = []
            for candidate in current {
                guard case .array(let elements) = candidate else { continue }
                switch step {
                case .all: next += elements
                case .place(let place): if place < elements.count { next.append(elements[place]) }
                }
            }
            current = next
        }
        return current.isEmpty ? nil : current.count == 1 ? current[0] : .array(current)
    }
}
