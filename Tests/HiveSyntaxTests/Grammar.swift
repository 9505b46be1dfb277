import Foundation

/// A grammar in extended Backus-Naur form, read from a file, and sentences made from it.
struct Grammar: Sendable {
    indirect enum Node: Sendable {
        case text(String)
        case rule(String)
        case token(String)
        case sequence([Node])
        case choice([Node])
        case optional(Node)
        case repeated(Node)
    }

    private(set) var rules: [String: Node] = [:]
    /// How many rules deep the shortest sentence of each rule goes.
    private var depths: [String: Int] = [:]

    struct Malformed: Error { var message: String }

    init(_ text: String) throws {
        var reader = Reader(text)
        rules = try reader.rules()
        measureDepths()
    }

    /// Names that are used and not defined, or have no finite sentence.
    var undefinedNames: [String] {
        var names: Set<String> = []
        for node in rules.values { collectNames(node, &names) }
        return names.filter { depths[$0] == nil }.sorted()
    }

    /// Rules that `start` never comes to.
    func unreachable(from start: String) -> [String] {
        var reached: Set<String> = [start]
        var open = [start]
        while let name = open.popLast() {
            guard let node = rules[name] else { continue }
            var names: Set<String> = []
            collectNames(node, &names)
            for name in names where reached.insert(name).inserted { open.append(name) }
        }
        return rules.keys.filter { !reached.contains($0) }.sorted()
    }

    private func collectNames(_ node: Node, _ names: inout Set<String>) {
        switch node {
        case .text, .token: break
        case .rule(let name): names.insert(name)
        case .sequence(let nodes), .choice(let nodes): for node in nodes { collectNames(node, &names) }
        case .optional(let node), .repeated(let node): collectNames(node, &names)
        }
    }

    private mutating func measureDepths() {
        var changed = true
        while changed {
            changed = false
            for (name, node) in rules {
                guard let depth = depth(of: node).map({ $0 + 1 }), depth < depths[name] ?? .max else { continue }
                depths[name] = depth
                changed = true
            }
        }
    }

    /// Nil while it is not known to be finite.
    private func depth(of node: Node) -> Int? {
        switch node {
        case .text, .token, .optional, .repeated: return 0
        case .rule(let name): return depths[name]
        case .sequence(let nodes):
            var deepest = 0
            for node in nodes {
                guard let depth = depth(of: node) else { return nil }
                deepest = max(deepest, depth)
            }
            return deepest
        case .choice(let nodes): return nodes.compactMap(depth).min()
        }
    }

    // MARK: Sentences

    /// The words of a random sentence of `start`. Beyond `depth` rules or `size` words only shortest ways are taken.
    func sentence(from start: String, depth: Int, size: Int, using random: inout RandomSource) -> [String] {
        var words: [String] = []
        write(.rule(start), depth: depth, size: size, &words, &random)
        return words
    }

    private func write(_ node: Node, depth: Int, size: Int, _ words: inout [String], _ random: inout RandomSource) {
        let isFree = depth > 0 && words.count < size
        switch node {
        case .text(let text): words.append(text)
        case .token(let name): words.append(TokenMaker.token(name, using: &random))
        case .rule(let name):
            if let node = rules[name] {
                // A token's rule keeps the description; its name says what to make.
                if case .token = node { words.append(TokenMaker.token(name, using: &random)) } else {
                    write(node, depth: depth - 1, size: size, &words, &random)
                }
            }
        case .sequence(let nodes): for node in nodes { write(node, depth: depth, size: size, &words, &random) }
        case .choice(let nodes):
            var chosen = random.pick(nodes)
            if !isFree {
                let known = nodes.map { self.depth(of: $0) ?? .max }
                if let least = known.min() {
                    chosen = random.pick(zip(nodes, known).filter { $0.1 == least }.map(\.0))
                }
            }
            if let chosen { write(chosen, depth: depth, size: size, &words, &random) }
        case .optional(let node):
            if isFree, random.chance(30) { write(node, depth: depth, size: size, &words, &random) }
        case .repeated(let node):
            var isMore = isFree && random.chance(20)
            while isMore {
                write(node, depth: depth, size: size, &words, &random)
                isMore = words.count < size && random.chance(30)
            }
        }
    }

    // MARK: Reading

    private struct Reader {
        private let characters: [Character]
        private var offset = 0

        init(_ text: String) { characters = Array(text) }

        mutating func rules() throws -> [String: Node] {
            var rules: [String: Node] = [:]
            skipSpace()
            while offset < characters.count {
                let name = word()
                guard !name.isEmpty, take("=") else { throw malformed("a rule's name and = expected") }
                guard rules[name] == nil else { throw malformed("\(name) is defined twice") }
                rules[name] = try choice()
                guard take(";") else { throw malformed("; expected after \(name)") }
            }
            return rules
        }

        private mutating func choice() throws -> Node {
            var nodes = [try sequence()]
            while take("|") { nodes.append(try sequence()) }
            return nodes.count == 1 ? nodes[0] : .choice(nodes)
        }

        private mutating func sequence() throws -> Node {
            var nodes: [Node] = []
            while let node = try item() { nodes.append(node) }
            guard !nodes.isEmpty else { throw malformed("an empty alternative") }
            return nodes.count == 1 ? nodes[0] : .sequence(nodes)
        }

        private mutating func item() throws -> Node? {
            guard offset < characters.count else { return nil }
            switch characters[offset] {
            case "\"", "'":
                let quote = characters[offset]
                return .text(try quoted(quote))
            case "?": return .token(try quoted("?"))
            case "[": return .optional(try bracketed("[", "]"))
            case "{": return .repeated(try bracketed("{", "}"))
            case "(": return try bracketed("(", ")")
            default:
                let name = word()
                return name.isEmpty ? nil : .rule(name)
            }
        }

        private mutating func bracketed(_ open: Character, _ close: Character) throws -> Node {
            _ = take(open)
            let node = try choice()
            guard take(close) else { throw malformed("\(close) expected") }
            return node
        }

        private mutating func quoted(_ quote: Character) throws -> String {
            offset += 1
            let start = offset
            while offset < characters.count, characters[offset] != quote { offset += 1 }
            guard offset < characters.count else { throw malformed("\(quote) expected") }
            let text = String(characters[start..<offset])
            offset += 1
            skipSpace()
            return text
        }

        private mutating func word() -> String {
            let start = offset
            while offset < characters.count, characters[offset].isLetter || characters[offset] == "_" { offset += 1 }
            let word = String(characters[start..<offset])
            skipSpace()
            return word
        }

        private mutating func take(_ character: Character) -> Bool {
            guard offset < characters.count, characters[offset] == character else { return false }
            offset += 1
            skipSpace()
            return true
        }

        private mutating func skipSpace() {
            while offset < characters.count {
                if characters[offset].isWhitespace {
                    offset += 1
                } else if characters[offset] == "(", offset + 1 < characters.count, characters[offset + 1] == "*" {
                    offset += 2
                    while offset + 1 < characters.count, characters[offset] != "*" || characters[offset + 1] != ")" {
                        offset += 1
                    }
                    offset += 2
                } else {
                    return
                }
            }
        }

        private func malformed(_ message: String) -> Malformed {
            let line = characters[..<min(offset, characters.count)].filter { $0 == "\n" }.count + 1
            return Malformed(message: "line \(line): \(message)")
        }
    }
}

/// Makes the tokens that the grammar only describes.
enum TokenMaker {
    private static let names = [
        "a", "b", "c", "t1", "x_y", "Foo", "BAR", "1ab", "tbl", "col", "`q d`", "`x``y`", "`select`", "`ß`", "key",
        "status", "data", "type", "year", "comment", "value",
    ]
    private static let texts = [
        "''", "'a'", "\"b c\"", "'it\\'s'", "'\\n\\t'", "'x;y'", "'--'", "'/*'", "\"'\"", "'\\\\'", "'\\u00e9'", "'\\%'",
        "'é'", "'2020-01-01'", "'`'",
    ]
    private static let integers = ["0", "1", "7", "42", "2147483648", "99"]

    static func token(_ name: String, using random: inout RandomSource) -> String {
        func one(_ choices: [String]) -> String { random.pick(choices) ?? "" }
        switch name {
        case "identifier": return one(names)
        case "string_literal": return one(texts)
        case "integer": return one(integers)
        case "integer_with_suffix": return one(["1L", "2S", "3Y", "4l", "300y"])
        case "decimal": return one(["1.5", "0.25", "3.", "10.00"])
        case "decimal_with_suffix": return one(["1BD", "1.5BD", "1e2BD", "2.bd"])
        case "double": return one(["1e3", "1.5E-3", "2E+10", "1.e5"])
        case "double_with_suffix": return one(["1D", "1.5d", "2e3D"])
        case "byte_length": return one(["10M", "5k", "7B", "1G"])
        case "character_set": return one(["_utf8", "_iso-8859-1", "_UTF-8"])
        case "hexadecimal": return one(["0x41", "0XabCD", "0x1"])
        case "setting_name": return one(["hive.exec.parallel", "x", "hivevar:y"])
        case "setting_value": return one(["", "true", "a b c", "select 1", "a=b", "'q'", "\"", "(1)"])
        case "path": return one(["/a/b.jar", "hdfs://h/x", "-ls"])
        default: return "<no token \(name)>"
        }
    }
}
