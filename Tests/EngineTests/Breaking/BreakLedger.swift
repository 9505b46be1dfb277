#if os(Linux)
import Glibc
import Platform

/// What a process that breaks notes of itself, in a file of shared memory: the parent reads it while the process runs and
/// after its death.
///
/// One process writes and one reads. Numbers are words, the text of the trial stands behind them.
final class BreakLedger: @unchecked Sendable {
    enum Number: Int, CaseIterable {
        /// The trial that runs, or that ran last.
        case trial
        /// Grows with each trial and each set-up of trials.
        case step
        /// Trials that came to an end.
        case tried
        /// Of these: gave a value, gave an error, were stopped.
        case values, refused, stopped
        /// Of these: wrong rows, files that should not be there.
        case mixed, leftovers
        /// Set by the parent: what runs is to be cancelled.
        case cancellation
        case textLength
    }

    private static let textOffset = 4096
    private static let size = 1 << 20
    private let memory: UnsafeMutableRawPointer

    /// - Parameter path: made when it is missing.
    init(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, off_t(Self.size)) == 0 else { throw FileError("make", path) }
        defer { close(file) }
        guard let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED else {
            throw FileError("map", path)
        }
        self.memory = memory
    }

    deinit { munmap(memory, Self.size) }

    subscript(_ number: Number) -> Int {
        get { memory.load(fromByteOffset: number.rawValue * 8, as: Int.self) }
        set { memory.storeBytes(of: newValue, toByteOffset: number.rawValue * 8, as: Int.self) }
    }

    /// What is tried, for who has to try it again.
    var text: String {
        get { String(decoding: UnsafeRawBufferPointer(start: memory + Self.textOffset, count: self[.textLength]), as: UTF8.self) }
        set {
            let bytes = newValue.utf8.prefix(Self.size - Self.textOffset)
            self[.textLength] = 0
            UnsafeMutableRawBufferPointer(start: memory + Self.textOffset, count: bytes.count).copyBytes(from: bytes)
            self[.textLength] = bytes.count
        }
    }

    func begin(trial: Int, _ text: String) {
        self.text = text
        self[.trial] = trial
        self[.step] += 1
    }

    func clear() {
        for number in Number.allCases { self[number] = 0 }
    }
}
#endif
