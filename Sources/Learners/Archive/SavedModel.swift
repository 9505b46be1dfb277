import Platform

/// What a model says of itself to be saved: its outline, a content that can be coded, and parts in any form.
public struct SavedModel: Sendable {
    public var task: LearningTask
    public var featureNames: [String]
    /// Empty for what are no classes; the last of two is the positive one.
    public var classes: [String]
    package var coded: JSON?
    package var parts: [ModelArchive.Part] = []

    public init(task: LearningTask, featureNames: [String], classes: [String] = []) {
        self.task = task
        self.featureNames = featureNames
        self.classes = classes
    }

    /// Keeps a value that says what the model is.
    /// - Throws: `EncodingError` for numbers that are not finite.
    public mutating func setContent(_ value: some Encodable) throws { coded = try JSON(encoding: value) }

    /// What `setContent` was given.
    /// - Throws: `DecodingError` when it has another form.
    public func content<Value: Decodable>(as type: Value.Type) throws -> Value {
        guard let coded else {
            throw DecodingError.valueNotFound(type, .init(codingPath: [], debugDescription: "the model has no content"))
        }
        return try coded.decode(type)
    }

    /// Keeps bytes that stand by themselves in the file.
    public mutating func setPart(_ name: String, _ bytes: [UInt8]) {
        parts.removeAll { $0.name == name }
        parts.append(ModelArchive.Part(name: name, bytes: bytes))
    }

    public func part(_ name: String) -> [UInt8]? { parts.first { $0.name == name }?.bytes }

    /// Whether the number of classes is one that the task can have.
    var isConsistent: Bool {
        switch task {
        case .regression, .clustering, .dimensionReduction, .anomalyDetection: classes.isEmpty
        case .binaryClassification: classes.count == 2
        case .multiclassClassification: classes.count > 2
        }
    }
}
