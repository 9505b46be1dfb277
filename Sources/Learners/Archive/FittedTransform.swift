import FeatureTables
import Platform

/// What a model's query was put through before the learner saw its rows: SQL, and what its fitted functions learned from the
/// training rows.
public struct FittedTransform: Codable, Sendable, Equatable {
    /// An item of TRANSFORM.
    public struct Item: Codable, Sendable, Equatable {
        /// SQL: `ml.standard_scaler(km) OVER () AS km`.
        public var text: String
        /// The states of its calls of fitted functions, in order, as Base64.
        public var states: [String]

        package init(text: String, states: [[UInt8]]) {
            self.text = text
            self.states = states.map { state in
                var text: [UInt8] = []
                state.withUnsafeBufferPointer { Base64.encode($0) { text.append($0) } }
                return String(decoding: text, as: UTF8.self)
            }
        }

        package var stateBytes: [[UInt8]] {
            states.map { state in
                let text = Array(state.utf8)
                return [UInt8](unsafeUninitializedCapacity: max(text.count, 1)) { target, count in
                    guard let start = target.baseAddress else { return }
                    count = text.withUnsafeBufferPointer { Base64.decode($0, into: start) }
                }
            }
        }
    }

    /// A column of the query.
    public struct Input: Codable, Sendable, Equatable {
        public var name: String
        public var type: String

        public init(name: String, type: String) {
            self.name = name
            self.type = type
        }
    }

    public var items: [Item]
    public var inputs: [Input]

    public init(items: [Item], inputs: [Input]) {
        self.items = items
        self.inputs = inputs
    }
}
