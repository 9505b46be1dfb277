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

    private var nodes: [ProtobufMessage] = []
    private var constants: [ProtobufMessage] = []
    private var inputs: [ProtobufMessage] = []
    private var outputs: [ProtobufMessage] = []
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

    private static func value(_ name: String, _ element: Element, width: Int?) -> ProtobufMessage {
        var rows = ProtobufMessage()
        rows.append(2, "rows")
        var shape = ProtobufMessage()
        shape.append(1, rows)
        if let width {
            var columns = ProtobufMessage()
            columns.append(1, width)
            shape.append(1, columns)
        }
        var tensor = ProtobufMessage()
        tensor.append(1, element.rawValue)
        tensor.append(2, shape)
        var type = ProtobufMessage()
        type.append(1, tensor)
        var value = ProtobufMessage()
        value.append(1, name)
        value.append(2, type)
        return value
    }

    // MARK: Constants

    mutating func constant(_ values: [Double], shape: [Int]) -> String {
        var content: [UInt8] = []
        content.reserveCapacity(values.count * 8)
        for value in values { content.append(littleEndian: value.bitPattern) }
        return constant(.double, shape) { $0.append(9, content) }
    }

    mutating func constant(_ values: [Int], shape: [Int]) -> String {
        constant(.int64, shape) { $0.append(packed: 7, values) }
    }

    mutating func constant(_ values: [String]) -> String {
        constant(.string, [values.count]) { for value in values { $0.append(6, value) } }
    }

    private mutating func constant(_ element: Element, _ shape: [Int], _ fill: (inout ProtobufMessage) -> Void) -> String {
        let name = freshName()
        var tensor = ProtobufMessage()
        if !shape.isEmpty { tensor.append(packed: 1, shape) }
        tensor.append(2, element.rawValue)
        fill(&tensor)
        tensor.append(8, name)
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
        var node = ProtobufMessage()
        for input in inputs { node.append(1, input) }
        for output in outputs { node.append(2, output) }
        node.append(4, operation)
        for (name, value) in attributes { node.append(5, Self.attribute(name, value)) }
        if !domain.isEmpty { node.append(7, domain) }
        nodes.append(node)
    }

    private static func attribute(_ name: String, _ value: Attribute) -> ProtobufMessage {
        var message = ProtobufMessage()
        message.append(1, name)
        switch value {
        case .integer(let number):
            message.append(3, number)
            message.append(20, 2)
        case .text(let text):
            message.append(4, text)
            message.append(20, 3)
        case .floats(let numbers):
            message.append(packed: 7, numbers)
            message.append(20, 6)
        case .integers(let numbers):
            message.append(packed: 8, numbers)
            message.append(20, 7)
        case .texts(let texts):
            for text in texts { message.append(9, text) }
            message.append(20, 8)
        }
        return message
    }

    // MARK: The model

    /// The file's bytes.
    /// - Parameters:
    ///   - explanation: for a person, of graph and model.
    ///   - properties: what programs may ask for besides.
    func encoded(explanation: String, properties: [(String, String)]) -> [UInt8] {
        var graph = ProtobufMessage()
        for node in nodes { graph.append(1, node) }
        graph.append(2, "hiveql")
        for constant in constants { graph.append(5, constant) }
        graph.append(10, explanation)
        for input in inputs { graph.append(11, input) }
        for output in outputs { graph.append(12, output) }
        var model = ProtobufMessage()
        model.append(1, 8)
        model.append(2, "hiveql")
        model.append(6, explanation)
        model.append(7, graph)
        for (domain, version) in [("", 17), (Self.learningDomain, 3)] {
            var set = ProtobufMessage()
            set.append(1, domain)
            set.append(2, version)
            model.append(8, set)
        }
        for (name, value) in properties {
            var property = ProtobufMessage()
            property.append(1, name)
            property.append(2, value)
            model.append(14, property)
        }
        return model.bytes
    }
}
