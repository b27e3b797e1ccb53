public import Foundation

/// A PNG or JPEG image, as a run records it.
public struct RunImage: Sendable, Hashable {
    /// The format of an image.
    public enum Format: String, Sendable, Hashable {
        /// Portable Network Graphics.
        case png
        /// The JPEG File Interchange Format, or Exif.
        case jpeg
    }

    /// The bytes of the file.
    public let data: Data
    /// The format, by the first bytes.
    public let format: Format
    /// The width, in pixels, by the header.
    public let width: Int
    /// The height, in pixels, by the header.
    public let height: Int

    /// The largest image, in bytes.
    public static let maximumBytes = 32 << 20

    /// Reads the header of an image; the pixels are not looked at.
    ///
    /// - Throws: `.invalidValue` for what begins as neither PNG nor JPEG, has no size, or has more
    ///   than ``maximumBytes`` bytes.
    public init(_ data: Data) throws {
        guard data.count <= Self.maximumBytes else {
            throw StoreError.record(
                .image, "has \(data.count) bytes, more than \(Self.maximumBytes)")
        }
        let header = data.withUnsafeBytes { ImageHeader(Array($0.prefix(ImageHeader.bytesRead))) }
        guard let header else {
            throw StoreError.record(
                .image, "is neither a PNG nor a JPEG file with a width and height")
        }
        self.data = data
        (format, width, height) = (header.format, header.width, header.height)
    }
}

extension RunImage: RunRecord {
    static var kind: Artifact.Kind { .image }
    var fileExtension: String { format == .png ? "png" : "jpg" }
    var details: JSONValue { ["width": .int(Int64(width)), "height": .int(Int64(height))] }

    func recordedBytes() -> Data { data }

    init(recorded bytes: Data) throws {
        do {
            try self.init(bytes)
        } catch {
            throw StoreError.unreadableRecord(.image)
        }
    }
}

/// The format and size that the first bytes of an image tell.
private struct ImageHeader {
    let format: RunImage.Format
    let width: Int
    let height: Int

    /// Enough for the metadata of cameras, which come before the size in a JPEG file.
    static let bytesRead = 1 << 20

    init?(_ bytes: [UInt8]) {
        let found: (RunImage.Format, Int, Int)?
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            found = Self.png(bytes).map { (.png, $0.width, $0.height) }
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            found = Self.jpeg(bytes).map { (.jpeg, $0.width, $0.height) }
        } else {
            found = nil
        }
        guard let found, found.1 > 0, found.2 > 0 else { return nil }
        (format, width, height) = found
    }

    /// The first chunk is IHDR, which begins with width and height (PNG specification, 11.2.1).
    private static func png(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
        guard bytes.count >= 33, bytes[12..<16].elementsEqual("IHDR".utf8),
            number(bytes[8..<12]) == 13
        else { return nil }
        let (width, height) = (number(bytes[16..<20]), number(bytes[20..<24]))
        guard width <= Int32.max, height <= Int32.max else { return nil }
        return (width, height)
    }

    /// A segment SOF0 to SOF15 has the size (ITU-T T.81, B.2.2); others before it are skipped.
    private static func jpeg(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
        var position = 2
        while position + 9 <= bytes.count {
            guard bytes[position] == 0xFF else { return nil }
            let marker = bytes[position + 1]
            // Fill bytes may come before a marker.
            if marker == 0xFF {
                position += 1
                continue
            }
            // TEM and the restart markers have no length.
            if marker == 0x01 || (0xD0...0xD7).contains(marker) {
                position += 2
                continue
            }
            // Without a size before the pixels or the end, there is none.
            if marker == 0xDA || marker == 0xD9 || marker == 0xD8 || marker == 0 { return nil }
            let length = number(bytes[position + 2..<position + 4])
            guard length >= 2 else { return nil }
            let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            if isFrame {
                guard length >= 8 else { return nil }
                return (
                    number(bytes[position + 7..<position + 9]),
                    number(bytes[position + 5..<position + 7])
                )
            }
            position += 2 + length
        }
        return nil
    }

    /// A number in network byte order.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }
}
