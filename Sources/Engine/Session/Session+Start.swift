import Functions
import HiveSyntax
import Platform

extension Session {
    /// Begins to make what every statement needs (tables of functions and keywords, the memory that there is) on a thread
    /// beside the caller's.
    ///
    /// They are made at their first use in any case; a program that is about to open a warehouse saves a millisecond of its
    /// start by calling this before.
    public static func prepare() {
        SystemThread(stackBytes: 1 << 20) {
            _ = FunctionRegistry.builtIn
            _ = try? Parser.parseStatement("SELECT 1")
            _ = SystemMemory.available()
        }?.detach()
    }
}
