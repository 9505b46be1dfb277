import Columnar
import Platform
import TableFormats

/// One process of a script: rows go in as lines while the lines that come out become rows, which are pushed on. One worker's
/// own. Neither side can wait for the other for ever: whoever writes to the process also reads what it says meanwhile.
final class ScriptRun {
    private let script: Script
    private let child: ChildProcess
    private let next: Stage
    private let morsel: Int
    private let query: QueryExecution
    private let reader: LineStreamReader
    private var writer: LineStreamWriter?
    /// For buffers of their usual size, and for what long lines add to them.
    private let reservations: [MemoryReservation]
    private var messages = ScriptMessages()
    /// nil: rows have no escapes.
    private var inputEscapes: ScriptEscapes.Input?
    private var batches = 0
    /// What was answered to the rows so far.
    private(set) var flow = Flow.more
    private var bytesOffered = 0
    private var takesInput = true
    private var hasOutput = true

    /// What the buffers of one process take, about.
    private static let bufferBytes = 512 << 10
    /// A program need not read what a pipe holds: whether it does before it ends is chance.
    private static let unreadBytes = 64 << 10
    /// How often a sleeping worker looks whether the query goes on.
    private static let patience: Int32 = 50

    /// Starts the process.
    /// - Parameter morsel: what the rows that come out are pushed on as.
    init(_ script: Script, at place: ScriptPlace, into next: Stage, morsel: Int, _ query: QueryExecution) throws {
        self.script = script
        self.next = next
        self.morsel = morsel
        self.query = query
        let longLines = MemoryReservation(query.memory, for: "TRANSFORM")
        reservations = [try MemoryReservation(query.memory, for: "TRANSFORM", bytes: Self.bufferBytes), longLines]
        let child = try place.start(script)
        self.child = child
        inputEscapes = script.isEscaped(script.input) ? ScriptEscapes.Input() : nil
        let read = script.isEscaped(script.output) ? EscapedOutput(child).read : child.read
        reader = try LineStreamReader(
            script.output, schema: script.outputSchema, name: "the output of '\(script.command)'",
            batchCapacity: query.batchSize, memory: longLines
        ) { read($0, $1) }
        writer = try LineStreamWriter(script.input, schema: script.inputSchema) { [unowned self] in try send($0, $1) }
        query.onStop { [weak child] in child?.kill() }
    }

    /// Takes rows of the script's input.
    func take(_ batch: Batch) throws -> Flow {
        guard flow == .more else { return flow }
        try endingOnError { try writer?.write(batch) }
        return flow
    }

    /// All rows have been taken: pushes on what the process still says, and waits for its end.
    /// - Throws: when it failed.
    func finish() throws {
        guard flow == .more else { return }
        try endingOnError {
            try writer?.flush()
            try drain()
        }
    }

    /// A process must not go on when the query does not.
    private func endingOnError(_ body: () throws -> Void) throws {
        do { try body() } catch {
            child.kill()
            throw error
        }
    }

    // MARK: Input

    private func send(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        guard inputEscapes != nil else { return try sendAsIs(bytes, count) }
        let escaped = inputEscapes?.translated(UnsafeBufferPointer(start: bytes, count: count)) ?? []
        try escaped.withUnsafeBufferPointer { if let start = $0.baseAddress { try sendAsIs(start, $0.count) } }
    }

    private func sendAsIs(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        bytesOffered += count
        var done = 0
        while done < count, takesInput, flow == .more {
            try query.check()
            let ready = try attend(wanting: .input)
            guard ready.contains(.input) else { continue }
            do { done += try child.write(bytes + done, count - done) } catch { try stopInput() }
        }
    }

    /// The process reads no further.
    private func stopInput() throws {
        takesInput = false
        guard bytesOffered > Self.unreadBytes else { return }
        if query.settings.scripts.allowsPartialConsumption {
            try drain()
            if flow == .more { flow = .endMorsel }
            return
        }
        // It may be about to end: its status and its messages say more.
        let ending = try end(within: 1000)
        throw script.failure(
            "has not read all of its input (hive.exec.script.allow.partial.consumption)"
                + (ending.map { "; it " + Self.words($0) } ?? "") + messages.lastLines)
    }

    // MARK: Output

    /// Waits a while for what can be done, and does all but writing.
    private func attend(wanting wanted: ChildProcess.Readiness, milliseconds: Int32 = patience) throws -> ChildProcess.Readiness {
        var wanted = wanted.union(.errors)
        if hasOutput { wanted.insert(.output) }
        let ready = child.await(wanted, milliseconds: milliseconds)
        if ready.contains(.errors) { messages.take(from: child) }
        if ready.contains(.output) { try pushOutput() }
        return ready
    }

    private func pushOutput() throws {
        hasOutput = try reader.advance { batch in
            guard flow == .more else { return }
            var rows = batch
            rows.sequence = BatchSequence(morsel: morsel, position: batches)
            batches += 1
            flow = try next.push(rows)
        }
        if flow != .more { child.kill() }
    }

    private func drain() throws {
        takesInput = false
        child.closeInput()
        while hasOutput, flow == .more {
            try query.check()
            _ = try attend(wanting: [])
        }
        guard flow == .more, let ending = try end(within: nil) else { return }
        if ending != .exited(status: 0) { throw script.failure(Self.words(ending) + messages.lastLines) }
    }

    /// Waits for the end of the process.
    /// - Parameter milliseconds: about how long; nil: as long as it takes.
    private func end(within milliseconds: Int?) throws -> ChildProcess.Ending? {
        var waited = 0
        var step: Int32 = 1
        while true {
            try query.check()
            if let ending = child.currentEnding() {
                while child.hasOpenErrors, !child.await(.errors, milliseconds: 0).isEmpty { messages.take(from: child) }
                return ending
            }
            if let milliseconds, waited >= milliseconds { return nil }
            if !child.await(.errors, milliseconds: step).isEmpty { messages.take(from: child) }
            waited += Int(step)
            step = min(step * 2, Self.patience)
        }
    }

    private static func words(_ ending: ChildProcess.Ending) -> String {
        switch ending {
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was ended by signal \(signal)"
        }
    }
}

/// What a process says, with its escapes as those of the rows' reader.
private final class EscapedOutput {
    private let child: ChildProcess
    private var escapes = ScriptEscapes.Output()
    /// What is translated and not taken yet.
    private var waiting: ArraySlice<UInt8> = []

    init(_ child: ChildProcess) { self.child = child }

    func read(_ target: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        if waiting.isEmpty {
            // Translated it may be twice as long.
            let piece = [UInt8](unsafeUninitializedCapacity: max(count / 2, 1)) { buffer, used in
                used = buffer.baseAddress.map { child.read(into: $0, count: buffer.count) } ?? 0
            }
            waiting = piece.withUnsafeBufferPointer { escapes.translated($0) }[...]
        }
        let taken = waiting.prefix(count)
        for (place, byte) in taken.enumerated() { target[place] = byte }
        waiting = waiting.dropFirst(taken.count)
        return taken.count
    }
}

/// The end of what a script says on its standard error.
struct ScriptMessages {
    private var tail: [UInt8] = []
    private static let longest = 4 << 10
    private static let mostLines = 10

    /// Takes what is there now.
    mutating func take(from child: ChildProcess) {
        let piece = [UInt8](unsafeUninitializedCapacity: Self.longest) { buffer, used in
            used = buffer.baseAddress.map { child.readErrors(into: $0, count: Self.longest) } ?? 0
        }
        tail += piece
        if tail.count > Self.longest { tail.removeFirst(tail.count - Self.longest) }
    }

    /// To be put behind the words of a failure.
    var lastLines: String {
        let lines = String(decoding: tail, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
        guard !lines.isEmpty else { return "" }
        return ": " + lines.suffix(Self.mostLines).joined(separator: "\n")
    }
}
