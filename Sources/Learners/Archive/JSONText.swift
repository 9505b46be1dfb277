/// What is wrong with values on their way to or from JSON, in words.
enum JSONText {
    /// What does not fit, and where.
    static func explanation(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): return "'\(key.stringValue)' is absent\(place(context.codingPath))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "a value has the wrong type\(place(context.codingPath))"
        case .dataCorrupted(let context): return "a value is damaged\(place(context.codingPath))"
        @unknown default: return "it cannot be decoded"
        }
    }

    static func explanation(_ error: EncodingError) -> String {
        guard case .invalidValue(let value, let context) = error else { return "a value has no form in JSON" }
        if let number = value as? Double, !number.isFinite {
            return "a value\(place(context.codingPath)) is \(number): rescale or clip the label and the features"
        }
        return "a value\(place(context.codingPath)) has no form in JSON"
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : " at \(path.map(\.stringValue).joined(separator: "."))"
    }
}
