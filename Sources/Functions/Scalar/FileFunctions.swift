import Columnar
import Platform

/// The lines of the file that a call of `in_file` names, which is read when the first row asks.
private final class FileLines: Sendable {
    private let path: String
    private let lines = Guarded<Set<[UInt8]>?>(nil)

    init(_ path: String) { self.path = path }

    func all(_ context: EvaluationContext) throws -> Set<[UInt8]> {
        try lines.withLock { lines in
            if let lines { return lines }
            let all = try read(context)
            lines = all
            return all
        }
    }

    private func read(_ context: EvaluationContext) throws -> Set<[UInt8]> {
        do {
            // A line takes a good deal more than its bytes.
            if let status = try FileStatus.of(path), status.byteCount >= context.availableBytes() / 8 {
                throw FunctionError(.argument, "in_file: '\(path)' takes more memory than is left (hiveql.memory.limit)")
            }
            var lines = Set<[UInt8]>()
            var rest = try RegularFile.contents(of: path)[...]
            while !rest.isEmpty {
                if lines.count & 0xFFFF == 0 { try context.checkCancellation() }
                let end = rest.firstIndex(of: 10) ?? rest.endIndex
                let line = rest[..<end]
                lines.insert(Array(line.last == 13 ? line.dropLast() : line))
                rest = rest[min(end + 1, rest.endIndex)...]
            }
            return lines
        } catch let error as FileError {
            throw FunctionError(.argument, "in_file: \(error)")
        }
    }
}

let inFileFunction = ScalarFunction(
    "in_file",
    documentation: FunctionDocumentation(
        "_FUNC_(str, filename) - Returns whether str is a line of a file of this machine",
        extended: "The file's name is a constant. A query reads it once."),
    traits: ScalarTraits(stability: .constantPerQuery, canFail: true)
) { call in
    guard call.count == 2 else { throw FunctionError(.argumentCount, "IN_FILE() accepts exactly 2 arguments.") }
    guard call.argumentTypes[0].isCharacter || call.argumentTypes[0] == .void else {
        throw FunctionError(
            .argumentType(0),
            "The first argument of function IN_FILE must be a string, char or varchar but \(call.argumentTypes[0]) was given.")
    }
    guard call.argumentTypes[1].isCharacter, let path = call.constantString(1) else {
        throw FunctionError(
            .argumentType(1), "The second argument of IN_FILE() must be a constant string but \(call.argumentTypes[1]) was given.")
    }
    let file = FileLines(path)
    return ResolvedScalar(argumentTypes: [.string, .string], resultType: .boolean) { input in
        let lines = try file.all(input.context)
        return input.only(input.arguments[0]).compute(.boolean) { (line: StringView) -> UInt8? in
            lines.contains(Array(line.bytes)) ? 1 : 0
        }
    }
}
