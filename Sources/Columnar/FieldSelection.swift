/// Which parts of values of a nested type are wanted. Parts that are not may read as NULL; whether the value itself is
/// NULL, and how long a list is, is known in any case.
package struct FieldSelection: Hashable, Sendable {
    /// By place among the type's `childTypes`, those that are wanted; nil: the value is wanted whole.
    package private(set) var children: [Int: FieldSelection]?

    /// The whole value.
    package static let whole = FieldSelection(children: nil)
    /// No part of it.
    package static let none = FieldSelection(children: [:])

    package init(children: [Int: FieldSelection]?) { self.children = children }

    /// One part of it.
    package static func only(_ child: Int, _ selection: FieldSelection = .whole) -> FieldSelection {
        FieldSelection(children: [child: selection])
    }

    package var isWhole: Bool { children == nil }

    /// What is wanted of a part; nil when that is not wanted.
    package subscript(child: Int) -> FieldSelection? { children.map { $0[child] } ?? .whole }

    /// Adds what another selection wants.
    package mutating func formUnion(_ other: FieldSelection) {
        guard let mine = children, let others = other.children else {
            children = nil
            return
        }
        children = mine.merging(others) { own, more in own.union(more) }
    }

    package func union(_ other: FieldSelection) -> FieldSelection {
        var result = self
        result.formUnion(other)
        return result
    }

    /// The same for values of `type`, as short as it can be said.
    package func simplified(for type: SQLType) -> FieldSelection {
        guard let children else { return .whole }
        switch type {
        case .array, .map, .structure:
            let parts = type.childTypes
            var result: [Int: FieldSelection] = [:]
            for (child, selection) in children where parts.indices.contains(child) {
                result[child] = selection.simplified(for: parts[child])
            }
            let isWhole = result.count == parts.count && result.values.allSatisfy(\.isWhole)
            return FieldSelection(children: isWhole ? nil : result)
        default: return .whole
        }
    }

    /// What is wanted of a value that is called `name`, part by part: `s.a`, `items.price` for a field of each element,
    /// `m.key`, `m.value.x`. `{}` stands for no part.
    package func paths(_ name: String, type: SQLType) -> [String] {
        guard let children else { return [name] }
        if children.isEmpty { return ["\(name).{}"] }
        return children.sorted { $0.key < $1.key }.flatMap { child, selection -> [String] in
            switch type {
            case .array(let element): return selection.paths(name, type: element)
            case .map(let key, let value):
                return selection.paths(name + (child == 0 ? ".key" : ".value"), type: child == 0 ? key : value)
            case .structure(let fields) where fields.indices.contains(child):
                return selection.paths("\(name).\(fields[child].name)", type: fields[child].type)
            default: return [name]
            }
        }
    }
}
