import Platform

/// JSON as reports are written: indented, keys sorted, numbers that read back to the same bits.
public enum JSONText {
    public static func encode(_ value: some Encodable) throws -> String {
        try JSON(encoding: value).written(isIndented: true) + "\n"
    }

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
        guard case .invalidValue(_, let context) = error else { return "it cannot be encoded" }
        return context.debugDescription + place(context.codingPath)
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : " at \(path.map(\.stringValue).joined(separator: "."))"
    }
}

extension ModelReport {
    /// The report as JSON. Measures that cannot be computed are absent.
    /// - Throws: `LearnerError.notFinite` for a measure that is no number.
    public func json() throws -> String {
        do { return try JSONText.encode(self) } catch let error as EncodingError {
            throw LearnerError.notFinite(JSONText.explanation(error))
        }
    }
}
