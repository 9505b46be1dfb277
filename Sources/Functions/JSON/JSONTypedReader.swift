import Columnar
import Platform

/// Makes values of a schema's type of JSON texts, as Spark's `from_json` does: a value that does not fit its field's type is NULL
/// there, and makes the whole array or map around it NULL. One worker's own.
final class JSONTypedReader {
    private let schema: JSONSchema
    private let options: JSONOptions
    private let zone: ZoneRules
    private let document = JSONDocument()
    private let buffer = ByteBuffer(capacity: 128)
    private var heap = StringHeap()
    /// Of a schema that is a structure: the field for texts that are not as it says.
    private let corruptField: Int?
    /// The tokens of a structure's fields, one structure behind the other.
    private var members: [Int] = []
    private var hasMisfit = false

    init(_ schema: JSONSchema, _ options: JSONOptions, zone: ZoneRules) {
        self.schema = schema
        self.options = options
        self.zone = zone
        let corrupt = Array(options.corruptColumn.utf8)
        corruptField = schema.names.firstIndex(of: corrupt).flatMap { schema.children[$0].type == .string ? $0 : nil }
    }

    /// Appends what a text says, one element.
    /// - Throws: `FunctionError` where options ask for it.
    func append(_ text: StringView, to builder: ColumnBuilder) throws {
        heap = StringHeap()
        hasMisfit = false
        let content = document.read(text)
        if content == .none { return builder.appendNull() }
        let isStructure = if case .structure = schema.type { true } else { false }
        // A misfit is known before anything is appended where the whole is NULL then.
        let isRead = content == .value && (isStructure ? document.tokens[0].kind == .object : fitsRoot())
        if !isRead { hasMisfit = true }
        if options.failsFast, !isRead || misfits(0, schema) {
            throw FunctionError(.argument, "from_json: the text is not as the schema says (mode FAILFAST): \(Self.start(of: text))")
        }
        if isStructure {
            appendStructure(isRead ? 0 : nil, schema, to: builder, corrupt: text)
        } else if isRead {
            appendRoot(to: builder)
        } else {
            builder.appendNull()
        }
    }

    private static func start(of text: StringView) -> String {
        text.count <= 100 ? text.string : CharacterText.prefix(text, characters: 100).string + "…"
    }

    // MARK: The whole

    /// An object stands for an array of it.
    private var isElementAlone: Bool {
        if case .array(.structure) = schema.type { document.tokens[0].kind == .object } else { false }
    }

    private func fitsRoot() -> Bool {
        document.tokens[0].kind != .null && (isElementAlone || fits(0, schema))
    }

    private func appendRoot(to builder: ColumnBuilder) {
        if isElementAlone {
            append(0, schema.children[0], to: builder.children[0])
            builder.append(listOf: 1)
        } else {
            append(0, schema, to: builder)
        }
    }

    /// Whether anything in a value does not fit, in fields of structures too.
    private func misfits(_ number: Int, _ schema: JSONSchema) -> Bool {
        if isElementAlone, number == 0, case .array = schema.type { return misfits(0, schema.children[0]) }
        let token = document.tokens[number]
        guard token.kind != .null else { return false }
        guard fits(number, schema) else { return true }
        var found = false
        switch schema.type {
        case .structure:
            document.forEachPart(number) { key in
                let field = schema.names.firstIndex { document.isKey(document.tokens[key], $0) }
                if let field, !found { found = misfits(key + 1, schema.children[field]) }
            }
        case .array: document.forEachPart(number) { if !found { found = misfits($0, schema.children[0]) } }
        case .map: document.forEachPart(number) { if !found { found = misfits($0 + 1, schema.children[1]) } }
        default: break
        }
        return found
    }

    // MARK: Values

    /// Whether a value can be of a type; what stands in a structure's fields is not looked at.
    private func fits(_ number: Int, _ schema: JSONSchema) -> Bool {
        let token = document.tokens[number]
        if token.kind == .null { return true }
        switch schema.type {
        case .structure: return token.kind == .object
        case .array:
            guard token.kind == .array else { return false }
            var isRight = true
            document.forEachPart(number) { if isRight { isRight = fits($0, schema.children[0]) } }
            return isRight
        case .map:
            guard token.kind == .object else { return false }
            var isRight = true
            document.forEachPart(number) { if isRight { isRight = fits($0 + 1, schema.children[1]) } }
            return isRight
        default: return appendScalar(number, schema.type, to: nil)
        }
    }

    /// Appends a value that fits.
    private func append(_ number: Int, _ schema: JSONSchema, to builder: ColumnBuilder) {
        let token = document.tokens[number]
        if token.kind == .null { return builder.appendNull() }
        switch schema.type {
        case .structure: appendStructure(number, schema, to: builder, corrupt: nil)
        case .array:
            var count = 0
            document.forEachPart(number) {
                append($0, schema.children[0], to: builder.children[0])
                count += 1
            }
            builder.append(listOf: count)
        case .map: appendMap(number, schema, to: builder)
        default: if !appendScalar(number, schema.type, to: builder) { builder.appendNull() }
        }
    }

    /// Of members with one key the last counts, at the place of the first.
    private func appendMap(_ number: Int, _ schema: JSONSchema, to builder: ColumnBuilder) {
        var places: [StringView: Int] = [:]
        var entries: [(key: StringView, value: Int)] = []
        document.forEachPart(number) { key in
            let name = document.string(document.tokens[key], heap)
            if let known = places[name] {
                entries[known].value = key + 1
            } else {
                places[name] = entries.count
                entries.append((name, key + 1))
            }
        }
        for entry in entries {
            builder.children[0].append(entry.key)
            append(entry.value, schema.children[1], to: builder.children[1])
        }
        builder.append(listOf: entries.count)
    }

    /// - Parameters:
    ///   - number: of the object; nil: none could be read.
    ///   - corrupt: the whole text, for the field that takes it when something was amiss.
    private func appendStructure(_ number: Int?, _ schema: JSONSchema, to builder: ColumnBuilder, corrupt: StringView?) {
        let first = members.count
        members.append(contentsOf: repeatElement(-1, count: schema.names.count))
        if let number {
            var next = 0
            document.forEachPart(number) { key in
                // Members mostly come in the order of the fields.
                let token = document.tokens[key]
                let field =
                    next < schema.names.count && document.isKey(token, schema.names[next])
                    ? next : schema.names.firstIndex { document.isKey(token, $0) }
                if let field {
                    members[first + field] = key + 1
                    next = field + 1
                }
            }
        }
        let own = corrupt == nil ? nil : corruptField
        for (field, child) in schema.children.enumerated() where field != own {
            let member = members[first + field]
            if member < 0 {
                builder.children[field].appendNull()
            } else if child.type.isComplex ? fits(member, child) : false {
                append(member, child, to: builder.children[field])
            } else if child.type.isComplex || !appendScalar(member, child.type, to: builder.children[field]) {
                if document.tokens[member].kind != .null { hasMisfit = true }
                builder.children[field].appendNull()
            }
        }
        if let own, let corrupt {
            if hasMisfit { builder.children[own].append(corrupt) } else { builder.children[own].appendNull() }
        }
        builder.appendStructure()
        members.removeLast(members.count - first)
    }

    // MARK: Scalars

    /// Appends a value that is no object or array of the schema.
    /// - Parameter builder: nil: nothing is appended.
    /// - Returns: false, and nothing is appended, for a value that does not fit, and for `null` with a builder.
    private func appendScalar(_ number: Int, _ type: SQLType, to builder: ColumnBuilder?) -> Bool {
        let token = document.tokens[number]
        if token.kind == .null { return builder == nil }
        func add<T: ColumnElement>(_ value: T?) -> Bool {
            guard let value else { return false }
            builder?.append(value)
            return true
        }
        switch type {
        case .boolean:
            return add(token.kind == .boolean ? UInt8(document.text.pointer[token.start] == UInt8(ascii: "t") ? 1 : 0) : nil)
        case .tinyint: return add(integer(token, Int8.self))
        case .smallint: return add(integer(token, Int16.self))
        case .int: return add(integer(token, Int32.self))
        case .bigint: return add(integer(token, Int64.self))
        case .float: return add(real(token, TextParsing.float))
        case .double: return add(real(token, TextParsing.double))
        case .decimal(let precision, let scale): return add(decimal(token, precision, scale))
        case .date: return add(token.kind == .string ? date(document.string(token, heap)) : nil)
        case .timestamp: return add(timestamp(token))
        case .string, .varchar, .char:
            let text = text(number, token, type)
            builder?.append(text)
            return true
        case .binary: return appendBytes(token, to: builder)
        default: return false
        }
    }

    private func integer<T: FixedWidthInteger>(_ token: JSONDocument.Token, _: T.Type) -> T? {
        guard token.kind == .whole else { return nil }
        let view = document.view(token)
        return TextParsing.integer(T.self, view.pointer, view.count)
    }

    /// - Parameter parse: of the type that is wanted.
    private func real<T: BinaryFloatingPoint>(
        _ token: JSONDocument.Token, _ parse: (UnsafePointer<UInt8>, Int) -> T?
    ) -> T? {
        let view = document.view(token)
        switch token.kind {
        case .whole, .fraction: return parse(view.pointer, view.count)
        case .notFinite: return JSONDocument.notFinite(view).map { T($0) }
        case .string: return JSONDocument.notFinite(document.string(token, heap)).map { T($0) }
        default: return nil
        }
    }

    private func decimal(_ token: JSONDocument.Token, _ precision: Int, _ scale: Int) -> Int128? {
        guard token.kind == .whole || token.kind == .fraction || token.kind == .string else { return nil }
        let view = token.kind == .string ? document.string(token, heap) : document.view(token)
        return TextParsing.decimal(view.pointer, view.count, precision: precision, scale: scale)
    }

    private func date(_ text: StringView) -> Int32? {
        if let pattern = options.datePattern {
            return (try? pattern.parseLocal(text)).flatMap { $0 }.flatMap { $0.local.isInRange ? CivilDate.split($0.local.seconds).day : nil }
        }
        return JSONTimes.date(text)
    }

    private func timestamp(_ token: JSONDocument.Token) -> Timestamp? {
        // A number is seconds of the world's time.
        if token.kind == .whole {
            return integer(token, Int64.self).flatMap { JSONTimes.local(Timestamp(seconds: $0), zone) }
        }
        guard token.kind == .string else { return nil }
        let text = document.string(token, heap)
        guard let pattern = options.timestampPattern else { return JSONTimes.timestamp(text, zone) }
        return (try? pattern.parseLocal(text)).flatMap { $0 }.flatMap { found in
            guard let offset = found.offset else { return found.local.isInRange ? found.local : nil }
            return JSONTimes.local(
                Timestamp(seconds: found.local.seconds &- Int64(offset), nanoseconds: found.local.nanoseconds), zone)
        }
    }

    private func text(_ number: Int, _ token: JSONDocument.Token, _ type: SQLType) -> StringView {
        let text: StringView
        if token.kind == .string {
            text = document.string(token, heap)
        } else if token.kind == .notFinite {
            text = document.view(token)
        } else {
            buffer.removeAll()
            document.append(number, heap, to: buffer)
            text = buffer.view()
        }
        return switch type {
        case .varchar(let length): CharacterText.prefix(text, characters: length)
        case .char(let length): CharacterText.trimmingEnd(CharacterText.prefix(text, characters: length))
        default: text
        }
    }

    private func appendBytes(_ token: JSONDocument.Token, to builder: ColumnBuilder?) -> Bool {
        guard token.kind == .string else { return false }
        let text = document.string(token, heap)
        // Whole groups of the usual alphabet, nothing between them.
        let isForeign = { (byte: UInt8) in byte <= 0x20 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") }
        guard text.count % 4 == 0, !text.bytes.contains(where: isForeign), Base64.isPlausible(text.bytes) else { return false }
        guard let builder else { return true }
        let place = heap.allocate(text.count)
        let written = Base64.decode(text.bytes, into: place)
        builder.append(StringView(place, length: written))
        return true
    }
}
