import Columnar
import Testing

@Suite struct CharacterTextTests {
    /// Of texts of all lengths around a word's, and of bytes that are no text.
    @Test func lengthIsTheBytesThatContinueNone() {
        for size in 0..<70 {
            for step in 1..<40 {
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: ($0 + 1) * step * 37) }
                bytes.withUnsafeBufferPointer { buffer in
                    guard let start = buffer.baseAddress else { return }
                    let text = StringView(start, length: size)
                    #expect(CharacterText.length(text) == bytes.count { $0 & 0xC0 != 0x80 }, "\(bytes)")
                }
            }
        }
    }

    @Test(arguments: ["", "a", "Köln", "日本語のテキスト", "😀 and seven more", String(repeating: "é", count: 33)])
    func lengthIsTheCodePoints(_ text: String) {
        var text = text
        let length = text.withUTF8 { buffer in
            buffer.baseAddress.map { CharacterText.length(StringView($0, length: buffer.count)) } ?? 0
        }
        #expect(length == text.unicodeScalars.count)
    }
}
