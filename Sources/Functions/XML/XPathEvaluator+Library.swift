import Columnar

/// The functions of XPath's core library.
extension XPathEvaluator {
    func call(_ function: XPathFunction, _ arguments: [XPathExpression], _ focus: Focus) throws -> XPathValue {
        func text(_ index: Int) throws -> [UInt8] { self.text(try value(arguments[index], focus)) }
        func number(_ index: Int) throws -> Double { self.number(try value(arguments[index], focus)) }
        /// The first argument, or the node that the expression is asked for.
        func firstOrFocus() throws -> XPathValue { try arguments.first.map { try value($0, focus) } ?? .nodes([focus.node]) }
        func firstNode() throws -> Int32? {
            guard case .nodes(let nodes) = try firstOrFocus() else { throw XPathEvaluationError() }
            return nodes.first
        }
        switch function {
        case .last: return .number(Double(focus.size))
        case .position: return .number(Double(focus.position))
        case .count: return .number(Double(try nodes(arguments[0], focus).count))
        case .sum:
            return .number(try nodes(arguments[0], focus).reduce(0) { $0 + XPathNumber.of(document.value($1)[...]) })
        // Identifiers are known by declarations, which are not read.
        case .id: return .nodes([])
        case .localName: return .text(try firstNode().map { Array(document.localName($0)) } ?? [])
        case .name: return .text(try firstNode().map { Array(document.name($0)) } ?? [])
        // Without namespaces there is no `xml:lang` either.
        case .namespaceURI: return .text([])
        case .lang: return .boolean(false)
        case .string: return .text(self.text(try firstOrFocus()))
        case .number: return .number(self.number(try firstOrFocus()))
        case .boolean: return .boolean(boolean(try value(arguments[0], focus)))
        case .not: return .boolean(!boolean(try value(arguments[0], focus)))
        case .true: return .boolean(true)
        case .false: return .boolean(false)
        case .floor: return .number(try number(0).rounded(.down))
        case .ceiling: return .number(try number(0).rounded(.up))
        case .round: return .number((try number(0) + 0.5).rounded(.down))
        case .concat: return .text(try arguments.indices.flatMap { try text($0) })
        case .startsWith: return .boolean(try text(0).starts(with: text(1)))
        case .contains: return .boolean(Self.find(try text(1), in: try text(0)) != nil)
        case .substringBefore:
            let whole = try text(0)
            return .text(Self.find(try text(1), in: whole).map { Array(whole[..<$0]) } ?? [])
        case .substringAfter:
            let whole = try text(0), part = try text(1)
            return .text(Self.find(part, in: whole).map { Array(whole[($0 + part.count)...]) } ?? [])
        case .stringLength:
            return .number(Double(self.text(try firstOrFocus()).count { !UTF8Text.isContinuation($0) }))
        case .normalizeSpace:
            let blanks: Set<UInt8> = [32, 9, 10, 13]
            return .text(Array(self.text(try firstOrFocus()).split { blanks.contains($0) }.joined(separator: [32])))
        case .substring:
            let first = (try number(1) + 0.5).rounded(.down)
            let end = arguments.count == 3 ? first + (try number(2) + 0.5).rounded(.down) : .infinity
            var position = 0.0
            return .text(
                try text(0).filter { byte in
                    if !UTF8Text.isContinuation(byte) { position += 1 }
                    return position >= first && position < end
                })
        case .translate:
            let from = Array(String(decoding: try text(1), as: UTF8.self).unicodeScalars)
            let to = Array(String(decoding: try text(2), as: UTF8.self).unicodeScalars)
            var replacements: [UnicodeScalar: UnicodeScalar?] = [:]
            for (index, scalar) in from.enumerated() where replacements[scalar] == nil {
                replacements[scalar] = .some(index < to.count ? to[index] : nil)
            }
            var result = String.UnicodeScalarView()
            for scalar in String(decoding: try text(0), as: UTF8.self).unicodeScalars {
                if let replacement = replacements[scalar] {
                    if let replacement { result.append(replacement) }
                } else {
                    result.append(scalar)
                }
            }
            return .text(Array(String(result).utf8))
        }
    }

    private static func find(_ part: [UInt8], in text: [UInt8]) -> Int? {
        text.withUnsafeBufferPointer { text in
            part.withUnsafeBufferPointer { part in
                guard let place = part.baseAddress, let start = text.baseAddress else { return part.isEmpty ? 0 : nil }
                return UTF8Text.find(StringView(place, length: part.count), in: StringView(start, length: text.count))
            }
        }
    }
}
