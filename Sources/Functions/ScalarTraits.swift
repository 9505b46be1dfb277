/// What rules may know of a scalar function.
package struct ScalarTraits: FunctionTraits, Hashable {
    package enum Nulls: Sendable, Hashable {
        /// A NULL argument makes the result NULL, whatever the others are.
        case propagated
        /// The function decides.
        case own
    }

    package enum Stability: Sendable, Hashable {
        /// Equal arguments give equal results, always.
        case immutable
        /// Equal arguments give equal results within a query (`current_date`).
        case constantPerQuery
        /// The value may differ from call to call (`rand`): not folded, not shared, not moved.
        case volatile
    }

    /// A rough price of a row.
    package enum Cost: Sendable, Hashable {
        /// An instruction or two over fixed widths.
        case cheap
        case ordinary
        /// Matching of patterns, reading of JSON.
        case dear
    }

    package enum Notation: Sendable, Hashable {
        /// `f(a, b)`
        case call
        /// `a f b`
        case infix
    }

    /// How calls that read one value are computed in one pass over it (`FunctionDefinition.joint`).
    package enum Joint: Sendable, Hashable {
        /// Paths into one JSON text.
        case jsonPaths
    }

    /// What of its first argument, an array or a map, the value of a function is made of.
    package enum Part: Sendable, Hashable {
        /// An element, or the value of a key.
        case element
        case keys, values
        /// How many elements there are.
        case length
    }

    package var nulls = Nulls.own
    package var stability = Stability.immutable
    package var cost = Cost.ordinary
    /// Whether values of right types may be refused: such a condition is asked after the others, so that rows which
    /// they drop do not fail the query.
    package var canFail = false
    package var notation = Notation.call
    /// Whether a constant beside a DECIMAL counts with the digits that its value has, not with those of its type.
    package var narrowsConstants = false
    /// Whether a BOOLEAN argument becomes the text TRUE or FALSE, as by CAST, and not true or false.
    package var capitalizesBooleans = false
    /// Calls with the same first argument and one constant behind it can be one call.
    package var joint: Joint?
    /// nil: the function may look at all of its argument.
    package var part: Part?

    package init() {}

    package init(
        nulls: Nulls = .own, stability: Stability = .immutable, cost: Cost = .ordinary, canFail: Bool = false,
        notation: Notation = .call, narrowsConstants: Bool = false, capitalizesBooleans: Bool = false,
        joint: Joint? = nil, part: Part? = nil
    ) {
        self.nulls = nulls
        self.stability = stability
        self.cost = cost
        self.canFail = canFail
        self.notation = notation
        self.narrowsConstants = narrowsConstants
        self.capitalizesBooleans = capitalizesBooleans
        self.joint = joint
        self.part = part
    }

    /// NULL for a NULL argument, and nothing else to tell.
    package static let strict = ScalarTraits(nulls: .propagated)
    package static let volatile = ScalarTraits(stability: .volatile, canFail: true)
    package static let constantPerQuery = ScalarTraits(stability: .constantPerQuery)
}
