import HiveQL

/// What the program ends with, as Hive's command line does: scripts ask for it.
enum ExitStatus {
    /// What was asked for on the command line is wrong, or a failure has no number.
    static let failure: Int32 = 1
    /// A script's file cannot be read.
    static let missingFile: Int32 = 3
    /// Hive's number of a statement that does not parse, and of errors of meaning that have none of their own.
    private static let generalCode = 40000

    /// The last eight bits of Hive's error number, where the failed statement has one (64 for what does not parse, 17 for
    /// a table that is not there); 130 for what was interrupted.
    static func of(_ error: any Error) -> Int32 {
        guard let error = error as? HiveError else { return failure }
        if error.isCancellation { return Interrupts.exitStatus }
        let isSemantic = error.message.hasPrefix("FAILED: SemanticException")
        let status = Int32(truncatingIfNeeded: error.code ?? (isSemantic ? generalCode : 1)) & 0xFF
        return status == 0 ? failure : status
    }
}
