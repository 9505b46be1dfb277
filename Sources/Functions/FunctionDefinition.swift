/// What sets scalar, aggregate, window and table functions apart.
package protocol FunctionFamily: Sendable {
    /// What rules may know of a function without its name.
    associatedtype Traits: FunctionTraits
    /// A function fitted to one call: types, and how it is computed.
    associatedtype Resolved: Sendable
}

package protocol FunctionTraits: Sendable {
    /// The traits of a function of which nothing special is known.
    init()
}

/// A family whose functions have no traits.
package struct NoTraits: FunctionTraits {
    package init() {}
}

/// What functions of all families have.
package protocol FunctionDescription: Sendable {
    var names: [String] { get }
    var documentation: FunctionDocumentation { get }
}

/// One function: what SQL calls it, what it says of itself, what rules may know of it, and how a call is resolved. Two
/// functions are the same when they are one object.
package final class FunctionDefinition<Family: FunctionFamily>: FunctionDescription {
    /// SQL names in lower case; the first is the canonical one, the others are synonyms.
    package let names: [String]
    package let documentation: FunctionDocumentation
    package let traits: Family.Traits
    /// Checks a call's arguments and fits the function to them.
    package let resolve: @Sendable (FunctionCall) throws -> Family.Resolved

    /// For families that are made by functions.
    package init(
        names: [String], documentation: FunctionDocumentation, traits: Family.Traits = Family.Traits(),
        resolve: @escaping @Sendable (FunctionCall) throws -> Family.Resolved
    ) {
        self.names = names
        self.documentation = documentation
        self.traits = traits
        self.resolve = resolve
    }

    package convenience init(
        _ names: String..., documentation: FunctionDocumentation, traits: Family.Traits = Family.Traits(),
        resolve: @escaping @Sendable (FunctionCall) throws -> Family.Resolved
    ) {
        self.init(names: names, documentation: documentation, traits: traits, resolve: resolve)
    }

    /// The canonical name, as EXPLAIN prints it.
    package var name: String { names[0] }
}
