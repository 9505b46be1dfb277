/// `Encodable` values as JSON.
extension JSON {
    /// Members of objects are sorted by name, so that equal values give equal texts.
    /// - Throws: `EncodingError` for integers beyond 64 bits with sign and for NaN and the infinities.
    package init(encoding value: some Encodable) throws {
        let node = EncodingNode()
        try value.encode(to: NodeEncoder(node: node, codingPath: []))
        self = node.json
    }
}

/// A place in the tree that grows while values encode themselves.
private final class EncodingNode {
    private enum Content {
        case plain(JSON)
        case array([EncodingNode])
        case object([String: EncodingNode])
    }
    private var content = Content.plain(.null)

    func set(_ value: JSON) { content = .plain(value) }

    func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    func becomeObject() {
        if case .object = content { return }
        content = .object([:])
    }

    var count: Int {
        if case .array(let elements) = content { elements.count } else { 0 }
    }

    func appendElement() -> EncodingNode {
        let node = EncodingNode()
        if case .array(var elements) = content {
            content = .plain(.null)
            elements.append(node)
            content = .array(elements)
        }
        return node
    }

    func member(_ name: String) -> EncodingNode {
        let node = EncodingNode()
        if case .object(var members) = content {
            content = .plain(.null)
            members[name] = node
            content = .object(members)
        }
        return node
    }

    var json: JSON {
        switch content {
        case .plain(let value): value
        case .array(let elements): .array(elements.map(\.json))
        case .object(let members):
            .object(members.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value.json) })
        }
    }

    func set(_ value: some BinaryInteger, _ path: [any CodingKey]) throws {
        guard let exact = Int64(exactly: value) else { throw Self.impossible(value, path, "is too large") }
        set(.integer(exact))
    }

    func set(_ value: Double, _ path: [any CodingKey]) throws {
        guard value.isFinite else { throw Self.impossible(value, path, "is no number of JSON") }
        set(.number(value))
    }

    private static func impossible(_ value: Any, _ path: [any CodingKey], _ reason: String) -> EncodingError {
        EncodingError.invalidValue(value, .init(codingPath: path, debugDescription: "\(value) \(reason)"))
    }
}

private struct NodeEncoder: Encoder, SingleValueEncodingContainer {
    let node: EncodingNode
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
        node.becomeObject()
        return KeyedEncodingContainer(ObjectEncoder(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return ArrayEncoder(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { node.set(.null) }
    func encode(_ value: Bool) { node.set(.boolean(value)) }
    func encode(_ value: String) { node.set(.string(value)) }
    func encode(_ value: Double) throws { try node.set(value, codingPath) }
    func encode(_ value: Float) throws { try node.set(Double(value), codingPath) }
    func encode(_ value: Int) throws { try node.set(value, codingPath) }
    func encode(_ value: Int8) throws { try node.set(value, codingPath) }
    func encode(_ value: Int16) throws { try node.set(value, codingPath) }
    func encode(_ value: Int32) throws { try node.set(value, codingPath) }
    func encode(_ value: Int64) throws { try node.set(value, codingPath) }
    func encode(_ value: UInt) throws { try node.set(value, codingPath) }
    func encode(_ value: UInt8) throws { try node.set(value, codingPath) }
    func encode(_ value: UInt16) throws { try node.set(value, codingPath) }
    func encode(_ value: UInt32) throws { try node.set(value, codingPath) }
    func encode(_ value: UInt64) throws { try node.set(value, codingPath) }
    func encode(_ value: some Encodable) throws { try value.encode(to: self) }
}

private struct ObjectEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: EncodingNode
    let codingPath: [any CodingKey]

    private func member(_ key: some CodingKey) -> NodeEncoder {
        NodeEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { member(key).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: String, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: Double, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: Float, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: Int, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: Int8, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: Int16, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: Int32, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: Int64, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: UInt, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: UInt8, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: UInt16, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: UInt32, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: UInt64, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try member(key).encode(value) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
        member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { member(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { member(PlainKey("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { member(key) }
}

private struct ArrayEncoder: UnkeyedEncodingContainer {
    let node: EncodingNode
    let codingPath: [any CodingKey]
    var count: Int { node.count }

    private func next() -> NodeEncoder {
        NodeEncoder(node: node.appendElement(), codingPath: codingPath + [PlainKey(index: node.count - 1)])
    }

    func encodeNil() { next().encodeNil() }
    func encode(_ value: Bool) { next().encode(value) }
    func encode(_ value: String) { next().encode(value) }
    func encode(_ value: Double) throws { try next().encode(value) }
    func encode(_ value: Float) throws { try next().encode(value) }
    func encode(_ value: Int) throws { try next().encode(value) }
    func encode(_ value: Int8) throws { try next().encode(value) }
    func encode(_ value: Int16) throws { try next().encode(value) }
    func encode(_ value: Int32) throws { try next().encode(value) }
    func encode(_ value: Int64) throws { try next().encode(value) }
    func encode(_ value: UInt) throws { try next().encode(value) }
    func encode(_ value: UInt8) throws { try next().encode(value) }
    func encode(_ value: UInt16) throws { try next().encode(value) }
    func encode(_ value: UInt32) throws { try next().encode(value) }
    func encode(_ value: UInt64) throws { try next().encode(value) }
    func encode(_ value: some Encodable) throws { try next().encode(value) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
        next().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
    func superEncoder() -> any Encoder { next() }
}

/// A name or position in the path of what is coded.
struct PlainKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(index: Int) {
        stringValue = "\(index)"
        intValue = index
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(index: intValue) }
}
