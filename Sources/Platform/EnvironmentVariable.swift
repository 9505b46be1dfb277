#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A variable of the process's environment; nil when it is not set.
package func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// All variables of the process's environment, each as `NAME=value`.
package func environmentVariables() -> [String] {
    // The variable itself is one that any thread may write, so the compiler does not let it be named.
    #if canImport(Darwin)
    let program = UnsafeMutableRawPointer(bitPattern: -2)
    #else
    let program: UnsafeMutableRawPointer? = nil
    #endif
    guard let symbol = dlsym(program, "environ") else { return [] }
    typealias List = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    var entry = symbol.assumingMemoryBound(to: List?.self).pointee
    var variables: [String] = []
    while let list = entry, let variable = list.pointee {
        variables.append(String(cString: variable))
        entry = list + 1
    }
    return variables
}
