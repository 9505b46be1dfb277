/// An expression of XPath 1.0. Names stand in it as bytes, since texts are compared byte by byte.
indirect enum XPathExpression: Sendable {
    enum Comparison: Sendable {
        case equal, unequal, less, lessOrEqual, greater, greaterOrEqual

        /// The comparison with its operands exchanged.
        var mirrored: Comparison {
            switch self {
            case .equal, .unequal: self
            case .less: .greater
            case .lessOrEqual: .greaterOrEqual
            case .greater: .less
            case .greaterOrEqual: .lessOrEqual
            }
        }
    }

    enum Arithmetic: Sendable {
        case add, subtract, multiply, divide, remainder
    }

    /// Where a path begins.
    enum Start: Sendable {
        case root, context
        case expression(XPathExpression)
    }

    case or(XPathExpression, XPathExpression)
    case and(XPathExpression, XPathExpression)
    case comparison(Comparison, XPathExpression, XPathExpression)
    case arithmetic(Arithmetic, XPathExpression, XPathExpression)
    case negation(XPathExpression)
    case union(XPathExpression, XPathExpression)
    case text([UInt8])
    case number(Double)
    case call(XPathFunction, [XPathExpression])
    /// A variable: there are none.
    case variable
    /// The nodes of `of` for which all `by` hold.
    case filter(of: XPathExpression, by: [XPathExpression])
    case path(from: Start, [XPathStep])
}

struct XPathStep: Sendable {
    enum Axis: String, Sendable {
        case ancestor
        case ancestorOrSelf = "ancestor-or-self"
        case attribute, child, descendant
        case descendantOrSelf = "descendant-or-self"
        case following
        case followingSibling = "following-sibling"
        case namespace, own = "self", parent, preceding
        case precedingSibling = "preceding-sibling"

        /// Whether positions count against the order of the document.
        var isReverse: Bool {
            switch self {
            case .ancestor, .ancestorOrSelf, .preceding, .precedingSibling, .parent: true
            default: false
            }
        }
    }

    enum Test: Sendable {
        /// `name`, by the name without a prefix.
        case name([UInt8])
        /// `*`
        case anyName
        /// `node()`
        case anyNode
        case text, comment
        case instruction([UInt8]?)
        /// `p:name`, `p:*`: no document has namespaces here.
        case none
    }

    let axis: Axis
    let test: Test
    let predicates: [XPathExpression]
}

/// XPath's core library.
enum XPathFunction: String, Sendable {
    case last, position, count, id
    case localName = "local-name"
    case namespaceURI = "namespace-uri"
    case name, string, concat
    case startsWith = "starts-with"
    case contains
    case substringBefore = "substring-before"
    case substringAfter = "substring-after"
    case substring
    case stringLength = "string-length"
    case normalizeSpace = "normalize-space"
    case translate, boolean, not
    case `true`, `false`
    case lang, number, sum, floor, ceiling, round

    /// How many arguments it takes.
    var argumentCount: ClosedRange<Int> {
        switch self {
        case .last, .position, .true, .false: 0...0
        case .localName, .namespaceURI, .name, .string, .stringLength, .normalizeSpace, .number: 0...1
        case .count, .id, .boolean, .not, .lang, .sum, .floor, .ceiling, .round: 1...1
        case .startsWith, .contains, .substringBefore, .substringAfter: 2...2
        case .substring: 2...3
        case .translate: 3...3
        case .concat: 2...Int.max
        }
    }
}
