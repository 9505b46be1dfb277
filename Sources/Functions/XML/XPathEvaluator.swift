import Columnar

/// What an expression of XPath gives.
enum XPathValue {
    /// Each once, in the order of the document.
    case nodes([Int32])
    case number(Double)
    case text([UInt8])
    case boolean(Bool)
}

/// An expression that has no value: it names a variable, or takes for nodes what is none.
struct XPathEvaluationError: Error {}

/// Computes expressions of XPath over one document.
final class XPathEvaluator {
    /// Steps between two questions whether the statement goes on.
    private static let stepsBetweenChecks = 1 << 16

    struct Focus {
        let node: Int32
        var position = 1
        var size = 1
    }

    let document: XMLDocument
    private let context: EvaluationContext
    private var steps = 0

    init(_ document: XMLDocument, _ context: EvaluationContext) {
        self.document = document
        self.context = context
    }

    private func count(_ work: Int = 1) throws {
        steps += work
        guard steps >= Self.stepsBetweenChecks else { return }
        steps = 0
        try context.checkCancellation()
    }

    func value(_ expression: XPathExpression, _ focus: Focus = Focus(node: XMLDocument.root)) throws -> XPathValue {
        try count()
        switch expression {
        case .or(let left, let right):
            return .boolean(try boolean(value(left, focus)) || boolean(value(right, focus)))
        case .and(let left, let right):
            return .boolean(try boolean(value(left, focus)) && boolean(value(right, focus)))
        case .comparison(let comparison, let left, let right):
            return .boolean(try holds(comparison, value(left, focus), value(right, focus)))
        case .arithmetic(let operation, let left, let right):
            let (a, b) = (number(try value(left, focus)), number(try value(right, focus)))
            switch operation {
            case .add: return .number(a + b)
            case .subtract: return .number(a - b)
            case .multiply: return .number(a * b)
            case .divide: return .number(a / b)
            case .remainder: return .number(a.truncatingRemainder(dividingBy: b))
            }
        case .negation(let operand): return .number(-number(try value(operand, focus)))
        case .union(let left, let right): return .nodes(try inOrder(nodes(left, focus) + nodes(right, focus)))
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .call(let function, let arguments): return try call(function, arguments, focus)
        case .variable: throw XPathEvaluationError()
        case .filter(of: let inner, by: let predicates):
            var found = try nodes(inner, focus)
            for predicate in predicates { found = try kept(found, predicate) }
            return .nodes(found)
        case .path(from: let start, let steps):
            var found: [Int32]
            switch start {
            case .root: found = [XMLDocument.root]
            case .context: found = [focus.node]
            case .expression(let expression): found = try nodes(expression, focus)
            }
            for step in steps { found = try follow(step, found) }
            return .nodes(found)
        }
    }

    func nodes(_ expression: XPathExpression, _ focus: Focus) throws -> [Int32] {
        guard case .nodes(let nodes) = try value(expression, focus) else { throw XPathEvaluationError() }
        return nodes
    }

    /// Each node once, in the order of the document.
    private func inOrder(_ nodes: [Int32]) throws -> [Int32] {
        try count(nodes.count)
        var result: [Int32] = []
        for node in nodes.sorted() where node != result.last { result.append(node) }
        return result
    }

    // MARK: steps

    private func follow(_ step: XPathStep, _ starts: [Int32]) throws -> [Int32] {
        if starts.count == 1 {
            let reached = try found(step, from: starts[0])
            return step.axis.isReverse ? reached.reversed() : reached
        }
        // Nodes that are reached from several starts count once, and are not held more often than that for long.
        var result: [Int32] = []
        var limit = 1_024
        for start in starts {
            result += try found(step, from: start)
            if result.count > limit {
                result = try inOrder(result)
                limit = max(limit, 2 * result.count)
            }
        }
        return try inOrder(result)
    }

    /// The nodes that one step leads to, in the order of its axis.
    private func found(_ step: XPathStep, from start: Int32) throws -> [Int32] {
        var result: [Int32] = []
        try forEachNode(step.axis, start) { node in
            if fits(node, step.test, step.axis) { result.append(node) }
        }
        for predicate in step.predicates { result = try kept(result, predicate) }
        return result
    }

    private func kept(_ nodes: [Int32], _ predicate: XPathExpression) throws -> [Int32] {
        var result: [Int32] = []
        for (index, node) in nodes.enumerated() {
            let focus = Focus(node: node, position: index + 1, size: nodes.count)
            let isKept: Bool
            switch try value(predicate, focus) {
            case .number(let number): isKept = number == Double(index + 1)
            case let other: isKept = boolean(other)
            }
            if isKept { result.append(node) }
        }
        return result
    }

    private func fits(_ node: Int32, _ test: XPathStep.Test, _ axis: XPathStep.Axis) -> Bool {
        let kind = document[node].kind
        switch test {
        case .anyNode: return true
        case .text: return kind == .text
        case .comment: return kind == .comment
        case .instruction(let name):
            return kind == .processingInstruction && (name.map { document.name(node).elementsEqual($0) } ?? true)
        case .anyName: return kind == (axis == .attribute ? .attribute : .element)
        case .name(let name):
            return kind == (axis == .attribute ? .attribute : .element) && document.localName(node).elementsEqual(name)
        case .none: return false
        }
    }

    private func forEachNode(_ axis: XPathStep.Axis, _ start: Int32, _ body: (Int32) throws -> Void) throws {
        let own = document[start]
        func visit(_ node: Int32) throws {
            try count()
            try body(node)
        }
        func visitAncestors(of node: Int32) throws {
            var parent = document[node].parent
            while parent >= 0 {
                try visit(parent)
                parent = document[parent].parent
            }
        }
        func visitInside(_ node: Int32) throws {
            for inside in (node + 1)..<max(document[node].end, node + 1) where document[inside].kind != .attribute {
                try visit(inside)
            }
        }
        switch axis {
        case .own: try visit(start)
        case .parent: if own.parent >= 0 { try visit(own.parent) }
        case .ancestor: try visitAncestors(of: start)
        case .ancestorOrSelf:
            try visit(start)
            try visitAncestors(of: start)
        case .child:
            var child = document.firstChild(start)
            while let node = child {
                try visit(node)
                child = document.nextSibling(node)
            }
        case .attribute: if own.kind == .element { for node in document.attributes(start) { try visit(node) } }
        case .descendant: try visitInside(start)
        case .descendantOrSelf:
            try visit(start)
            try visitInside(start)
        case .followingSibling:
            var sibling = document.nextSibling(start)
            while let node = sibling {
                try visit(node)
                sibling = document.nextSibling(node)
            }
        case .precedingSibling:
            guard own.parent >= 0, own.kind != .attribute else { return }
            var earlier: [Int32] = []
            var sibling = document.firstChild(own.parent)
            while let node = sibling, node < start {
                try count()
                earlier.append(node)
                sibling = document.nextSibling(node)
            }
            for node in earlier.reversed() { try visit(node) }
        case .following:
            // What is inside an attribute's element follows the attribute.
            for node in own.end..<Int32(truncatingIfNeeded: document.nodes.count) where document[node].kind != .attribute {
                try visit(node)
            }
        case .preceding:
            for node in (0..<start).reversed() where document[node].kind != .attribute && document[node].end <= start {
                try visit(node)
            }
        case .namespace: break
        }
    }

    // MARK: conversions

    func boolean(_ value: XPathValue) -> Bool {
        switch value {
        case .nodes(let nodes): !nodes.isEmpty
        case .number(let number): number != 0 && !number.isNaN
        case .text(let text): !text.isEmpty
        case .boolean(let boolean): boolean
        }
    }

    func number(_ value: XPathValue) -> Double {
        switch value {
        case .number(let number): number
        case .boolean(let boolean): boolean ? 1 : 0
        case .nodes, .text: XPathNumber.of(text(value)[...])
        }
    }

    func text(_ value: XPathValue) -> [UInt8] {
        switch value {
        case .nodes(let nodes): nodes.first.map { document.value($0) } ?? []
        case .number(let number): XPathNumber.text(number)
        case .text(let text): text
        case .boolean(let boolean): Array((boolean ? "true" : "false").utf8)
        }
    }

    // MARK: comparisons

    private func holds(_ comparison: XPathExpression.Comparison, _ left: XPathValue, _ right: XPathValue) throws -> Bool {
        switch (left, right) {
        case (.nodes(let nodes), .nodes(let others)):
            let texts = try others.map { node -> [UInt8] in
                try count()
                return document.value(node)
            }
            for node in nodes {
                let text = XPathValue.text(document.value(node))
                try count(texts.count)
                if texts.contains(where: { compare(comparison, text, .text($0)) }) { return true }
            }
            return false
        case (.nodes, .boolean): return compare(comparison, .boolean(boolean(left)), right)
        case (.nodes(let nodes), _):
            for node in nodes {
                try count()
                if compare(comparison, .text(document.value(node)), right) { return true }
            }
            return false
        case (_, .nodes): return try holds(comparison.mirrored, right, left)
        default: return compare(comparison, left, right)
        }
    }

    /// Of values that are no nodes.
    private func compare(_ comparison: XPathExpression.Comparison, _ left: XPathValue, _ right: XPathValue) -> Bool {
        switch comparison {
        case .equal, .unequal:
            let areEqual: Bool
            switch (left, right) {
            case (.boolean, _), (_, .boolean): areEqual = boolean(left) == boolean(right)
            case (.number, _), (_, .number): areEqual = number(left) == number(right)
            default: areEqual = text(left) == text(right)
            }
            return areEqual == (comparison == .equal)
        case .less: return number(left) < number(right)
        case .lessOrEqual: return number(left) <= number(right)
        case .greater: return number(left) > number(right)
        case .greaterOrEqual: return number(left) >= number(right)
        }
    }
}
