import Columnar

/// What a path selects of a text that is known to be JSON: a value of the text, or a list made of several.
enum JSONSelection {
    /// The position of a value.
    case value(Int)
    /// The positions of a list's elements.
    case list([Int])
}

/// Follows the part of a path that may lead to many values, by positions in a text that has been read as JSON.
struct JSONSelector {
    let text: UnsafePointer<UInt8>
    let end: Int
    /// For keys with escapes.
    let scratch: ByteBuffer

    /// What `path` selects from the value at `position`, which its first steps led to: `part` parts of step `step` are done.
    func select(_ path: JSONPath, from position: Int, step first: Int, part: Int) -> JSONSelection? {
        var current = JSONSelection.value(position)
        for index in first..<path.steps.count {
            let step = path.steps[index]
            var done = index == first ? part : 0
            if let key = step.key {
                if done == 0 {
                    guard let found = member(key, of: current) else { return nil }
                    current = found
                } else {
                    done -= 1
                }
            }
            if done < step.subscripts.count {
                guard let found = elements(step.subscripts[done...], of: current) else { return nil }
                current = found
            }
        }
        return current
    }

    /// A member, or the members of all objects in an array; arrays among these are laid out flat, nulls are left out.
    private func member(_ key: [UInt8], of selection: JSONSelection) -> JSONSelection? {
        var found: [Int] = []
        func gather(_ element: Int) {
            guard text[element] == UInt8(ascii: "{"), let value = member(key, ofObject: element) else { return }
            switch text[value] {
            case UInt8(ascii: "["): forEachElement(value) { found.append($0) }
            case UInt8(ascii: "n"): break
            default: found.append(value)
            }
        }
        switch selection {
        case .value(let position):
            switch text[position] {
            case UInt8(ascii: "{"): return member(key, ofObject: position).map { .value($0) }
            case UInt8(ascii: "["): forEachElement(position, gather)
            default: return nil
            }
        case .list(let elements): elements.forEach(gather)
        }
        return found.isEmpty ? nil : .list(found)
    }

    /// The value of the last member with that key.
    private func member(_ key: [UInt8], ofObject position: Int) -> Int? {
        var found: Int?
        forEachMember(position) { name, isEscaped, value in
            if JSONString.equals(name, isEscaped: isEscaped, key, scratch) { found = value }
        }
        return found
    }

    private func elements(_ subscripts: ArraySlice<JSONPath.Subscript>, of selection: JSONSelection) -> JSONSelection? {
        var current: [Int] = []
        var rest = subscripts
        if case .list(let elements) = selection {
            // The list itself is what the first subscript looks at.
            switch rest.removeFirst() {
            case .all: current = elements
            case .place(let place): current = elements.indices.contains(place) ? [elements[place]] : []
            }
        } else if case .value(let position) = selection {
            current = [position]
        }
        for step in rest {
            var next: [Int] = []
            for position in current where text[position] == UInt8(ascii: "[") {
                var place = 0
                forEachElement(position) { element in
                    if step == .all || step == .place(place) { next.append(element) }
                    place += 1
                }
            }
            current = next
        }
        return current.isEmpty ? nil : current.count == 1 ? .value(current[0]) : .list(current)
    }

    func forEachElement(_ array: Int, _ body: (Int) -> Void) {
        var at = JSONText.skipSpace(text, array + 1, end)
        if text[at] == UInt8(ascii: "]") { return }
        while at < end {
            body(at)
            let next = JSONText.valueEnd(text, at, end)
            guard next >= 0 else { return }
            at = JSONText.skipSpace(text, next, end)
            guard at < end, text[at] == UInt8(ascii: ",") else { return }
            at = JSONText.skipSpace(text, at + 1, end)
        }
    }

    private func forEachMember(_ object: Int, _ body: (StringView, Bool, Int) -> Void) {
        var at = JSONText.skipSpace(text, object + 1, end)
        while at < end, text[at] == UInt8(ascii: "\"") {
            let key = JSONText.keyEnd(text, at, end)
            guard key.value >= 0 else { return }
            body(StringView(text + at + 1, length: key.quote - at - 1), key.isEscaped, key.value)
            let next = JSONText.valueEnd(text, key.value, end)
            guard next >= 0 else { return }
            at = JSONText.skipSpace(text, next, end)
            guard at < end, text[at] == UInt8(ascii: ",") else { return }
            at = JSONText.skipSpace(text, at + 1, end)
        }
    }
}
