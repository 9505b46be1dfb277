import Columnar

extension SequenceFile {
    /// What the header says; how many records there are, it does not.
    func description() -> FileDescription {
        var result = FileDescription(format: "SequenceFile", path: path, byteCount: byteCount)
        result.facts = [
            FileDescription.Fact("version", version), FileDescription.Fact("keys", keyClass),
            FileDescription.Fact("values", valueClass), FileDescription.Fact("compression", "\(compression)".uppercased()),
        ]
        if let codecClass { result.facts.append(FileDescription.Fact("codec", codecClass)) }
        result.facts.append(FileDescription.Fact("header bytes", dataStart))
        result.metadata = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return result
    }
}

extension RCFile {
    /// What the header says: not how many rows there are, nor of which types.
    func description() -> FileDescription {
        var result = FileDescription(format: "RCFile", path: path, byteCount: byteCount)
        result.facts = [
            FileDescription.Fact("stored columns", columnCount), FileDescription.Fact("codec", codecClass ?? "none"),
            FileDescription.Fact("header bytes", dataStart),
        ]
        result.metadata = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return result
    }
}
