/// The user's home folder.
package enum HomeFolder {
    /// nil when the environment names none.
    package static var path: String? { environmentVariable("HOME") }

    /// `~/name` stands for a file of the home folder.
    package static func expanding(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = self.path else { return path }
        return home + path.dropFirst()
    }
}
