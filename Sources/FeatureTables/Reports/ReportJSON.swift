import Platform

/// Reports as JSON: the names here are what programs rely on, whatever the types are called inside. A measure that cannot
/// be computed, or is not finite, is absent.
package enum ReportJSON {
    package static func object(_ members: [(String, JSON?)]) -> JSON {
        .object(members.compactMap { name, value in value.map { JSON.Member(name, $0) } })
    }

    package static func text(_ value: String?) -> JSON? { value.map { .string($0) } }

    package static func count(_ value: Int) -> JSON { .integer(Int64(value)) }

    package static func counts(_ values: [Int]) -> JSON { .array(values.map { count($0) }) }

    /// What is not finite is null, so that the others keep their places.
    package static func numbers(_ values: [Double]) -> JSON { .array(values.map { number($0) ?? .null }) }

    package static func number(_ value: Double?) -> JSON? {
        guard let value, value.isFinite else { return nil }
        // Sums of weights are whole numbers more often than not.
        return value == value.rounded() && abs(value) < 1e15 ? .integer(Int64(value)) : .number(value)
    }
}
