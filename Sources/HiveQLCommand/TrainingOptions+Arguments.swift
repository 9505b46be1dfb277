import HiveQL

extension TrainingOptions {
    /// Takes one option of the command line; false when it is none of a training.
    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        let plain = name.hasPrefix("--") ? String(name.dropFirst(2)) : name
        let values: [String]
        switch Self.arity(of: plain) {
        case .flag: values = []
        case .value: values = [try reader.value(of: name)]
        case .list: values = try reader.names(of: name)
        case nil: return false
        }
        do { try set(plain, to: values, spelled: name) } catch let error as Invalid { throw UsageError(error.description) }
        return true
    }
}
