import Platform

/// Structures of Thrift as its protocol for JSON writes them (`TJSONProtocol`): `{"1":{"str":"a"},"2":{"i32":7}}`.
struct ThriftJSONReader {
    private let fields: JSON

    /// - Throws: `JSONError` for a text that is no JSON object.
    init(_ text: String) throws(JSONError) {
        let value = try JSON(Array(text.utf8))
        guard case .object = value else { throw JSONError(offset: 0, reason: "no structure of Thrift") }
        fields = value
    }

    private init(_ fields: JSON) { self.fields = fields }

    /// What stands under the name of the field's type; nil when the field is not there.
    private func value(_ field: Int) -> JSON? {
        guard case .object(let typed)? = fields["\(field)"] else { return nil }
        return typed.first?.value
    }

    func string(_ field: Int) -> String? { value(field)?.text }
    func integer(_ field: Int) -> Int? { value(field)?.integer }
    func structure(_ field: Int) -> ThriftJSONReader? { value(field).map { ThriftJSONReader($0) } }

    /// Behind the elements' type and their number.
    private func elements(_ field: Int) -> ArraySlice<JSON> { value(field)?.elements?.dropFirst(2) ?? [] }

    func strings(_ field: Int) -> [String] { elements(field).compactMap(\.text) }
    func structures(_ field: Int) -> [ThriftJSONReader] { elements(field).map { ThriftJSONReader($0) } }

    func dictionary(_ field: Int) -> [String: String] {
        guard case .object(let members)? = value(field)?.elements?.last else { return [:] }
        return Dictionary(members.compactMap { member in member.value.text.map { (member.name, $0) } }) { $1 }
    }
}

/// Gathers the fields of a structure.
struct ThriftJSONWriter {
    private var members: [JSON.Member] = []

    var value: JSON { .object(members) }

    private mutating func add(_ field: Int, _ type: String, _ value: JSON) {
        members.append(JSON.Member("\(field)", .object([JSON.Member(type, value)])))
    }

    /// Fields that are nil are left out.
    mutating func add(_ field: Int, _ text: String?) { if let text { add(field, "str", .string(text)) } }
    mutating func add(_ field: Int, _ number: Int) { add(field, "i32", .integer(Int64(number))) }
    mutating func add(_ field: Int, _ flag: Bool) { add(field, "tf", .integer(flag ? 1 : 0)) }
    mutating func add(_ field: Int, _ structure: ThriftJSONWriter) { add(field, "rec", structure.value) }

    mutating func add(_ field: Int, _ texts: [String]) {
        add(field, "lst", .array([.string("str"), .integer(Int64(texts.count))] + texts.map { .string($0) }))
    }

    mutating func add(_ field: Int, _ structures: [ThriftJSONWriter]) {
        add(field, "lst", .array([.string("rec"), .integer(Int64(structures.count))] + structures.map(\.value)))
    }

    mutating func add(_ field: Int, _ dictionary: [String: String]) {
        let pairs = dictionary.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        add(field, "map", .array([.string("str"), .string("str"), .integer(Int64(pairs.count)), .object(pairs)]))
    }

    /// `SkewedInfo` of a table without skewed columns, whose lists have elements of other types.
    static let noSkew: ThriftJSONWriter = {
        var record = ThriftJSONWriter()
        record.add(1, [String]())
        record.add(2, "lst", .array([.string("lst"), .integer(0)]))
        record.add(3, "map", .array([.string("lst"), .string("str"), .integer(0), .object([])]))
        return record
    }()
}
