import TableFormats

/// Builds a graph of ONNX: what each node makes has a name, by which later ones take it.
struct ONNXGraph {
    /// Types of elements, by their numbers in TensorProto.
    enum Element: Int {
        case float = 1
        case int64 = 7
        case string = 8
        case double = 11
    }

    enum Attribute {
        case integer(Int)
        case text(String)
        case floats([Float])
        case integers([Int])
        case texts([String])
    }

    /// Of nodes whose operators are classical machine learning's.
    static let learningDomain = "ai.onnx.ml"

    private var nodes: [ProtobufWriter] = []
    private var constants: [ProtobufWriter] = []
    private var inputs: [ProtobufWriter] = []
    private var outputs: [ProtobufWriter] = []
    private var usedNames: Set<String>
    private var made = 0

    /// - Parameter names: of inputs and outputs.
    init(names: [String]) { usedNames = Set(names) }

    private mutating func freshName() -> String {
        repeat { made += 1 } while usedNames.contains("v\(made)")
        return "v\(made)"
    }

    // MARK: Inputs and outputs

    /// A matrix with a row a row.
    mutating func input(_ name: String, _ element: Element, width: Int) -> String {
        inputs.append(Self.value(name, element, width: width))
        return name
    }

    /// - Parameter width: nil for a value a row.
    mutating func output(_ name: String, _ element: Element, width: Int?, from value: String) {
        outputs.append(Self.value(name, element, width: width))
        addNode("Identity", [value], [name], [])
    }

    private static func value(_ name: String, _ element: Element, width: Int?) -> ProtobufWriter {
        var value = ProtobufWriter()
        value.string(1, name)
        value.message(2) { type in
            type.message(1) { tensor in
                tensor.integer(1, element.rawValue)
                tensor.message(2) { shape in
                    shape.message(1) { $0.string(2, "rows") }
                    if let width { shape.message(1) { $0.integer(1, width) } }
                }
            }
        }
        return value
    }

    // MARK: Constants

    mutating func constant(_ values: [Double], shape: [Int]) -> String {
        var content: [UInt8] = []
        content.reserveCapacity(values.count * 8)
        for value in values { content.append(littleEndian: value.bitPattern) }
        return constant(.double, shape) { $0.bytes(9, content) }
    }

    mutating func constant(_ values: [Int], shape: [Int]) -> String {
        constant(.int64, shape) { $0.packed(7, integers: values) }
    }

    mutating func constant(_ values: [String]) -> String {
        constant(.string, [values.count]) { for value in values { $0.string(6, value) } }
    }

    private mutating func constant(_ element: Element, _ shape: [Int], _ fill: (inout ProtobufWriter) -> Void) -> String {
        let name = freshName()
        var tensor = ProtobufWriter()
        tensor.packed(1, integers: shape)
        tensor.integer(2, element.rawValue)
        fill(&tensor)
        tensor.string(8, name)
        constants.append(tensor)
        return name
    }

    // MARK: Nodes

    /// Adds a node with one output.
    /// - Returns: the output's name.
    mutating func node(
        _ operation: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [], domain: String = ""
    ) -> String {
        let name = freshName()
        addNode(operation, inputs, [name], attributes, domain: domain)
        return name
    }

    mutating func cast(_ value: String, to element: Element) -> String {
        node("Cast", [value], [("to", .integer(element.rawValue))])
    }

    private mutating func addNode(
        _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [(String, Attribute)], domain: String = ""
    ) {
        var node = ProtobufWriter()
        for input in inputs { node.string(1, input) }
        for output in outputs { node.string(2, output) }
        node.string(4, operation)
        for (name, value) in attributes { node.message(5) { Self.encode(name, value, to: &$0) } }
        if !domain.isEmpty { node.string(7, domain) }
        nodes.append(node)
    }

    private static func encode(_ name: String, _ value: Attribute, to message: inout ProtobufWriter) {
        message.string(1, name)
        switch value {
        case .integer(let number):
            message.integer(3, number)
            message.integer(20, 2)
        case .text(let text):
            message.string(4, text)
            message.integer(20, 3)
        case .floats(let numbers):
            var content: [UInt8] = []
            content.reserveCapacity(numbers.count * 4)
            for number in numbers { content.append(littleEndian: number.bitPattern) }
            message.bytes(7, content)
            message.integer(20, 6)
        case .integers(let numbers):
            message.packed(8, integers: numbers)
            message.integer(20, 7)
        case .texts(let texts):
            for text in texts { message.string(9, text) }
            message.integer(20, 8)
        }
    }

    // MARK: The model

    /// The file's bytes.
    /// - Parameters:
    ///   - explanation: for a person, of graph and model.
    ///   - properties: what programs may ask for besides.
    func encoded(explanation: String, properties: [(String, String)]) -> [UInt8] {
        var model = ProtobufWriter()
        model.integer(1, 8)
        model.string(2, "hiveql")
        model.string(6, explanation)
        model.message(7) { graph in
            for node in nodes { graph.bytes(1, node.bytes) }
            graph.string(2, "hiveql")
            for constant in constants { graph.bytes(5, constant.bytes) }
            graph.string(10, explanation)
            for input in inputs { graph.bytes(11, input.bytes) }
            for output in outputs { graph.bytes(12, output.bytes) }
        }
        for (domain, version) in [("", 17), (Self.learningDomain, 3)] {
            model.message(8) { set in
                set.string(1, domain)
                set.integer(2, version)
            }
        }
        for (name, value) in properties {
            model.message(14) { property in
                property.string(1, name)
                property.string(2, value)
            }
        }
        return model.bytes
    }
}
