import Foundation

/// Images of handwritten digits and what they show.
public struct DigitImages: Sendable {
    static let pixelCount = 64
    static let classCount = 10

    /// The pixels of each image, row by row, from 0 (white) to 1 (black).
    public private(set) var images: [[Float]] = []
    /// The digit that each image shows.
    public private(set) var labels: [Int] = []

    /// The number of images.
    public var count: Int { images.count }

    /// Makes a data set of images and what they show.
    public init(images: [[Float]], labels: [Int]) {
        self.images = images
        self.labels = labels
    }

    /// Reads lines of 64 pixels from 0 to 16 and the digit.
    public init(contentsOf file: URL) throws {
        guard let data = try? Data(contentsOf: file) else { throw DatasetError.unreadable(file) }
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            let numbers = Self.numbers(in: line)
            guard numbers.count == Self.pixelCount + 1, numbers.allSatisfy({ 0...16 ~= $0 }),
                let label = numbers.last, label < Self.classCount
            else {
                throw DatasetError.badLine(index + 1, file)
            }
            images.append(numbers.dropLast().map { Float($0) / 16 })
            labels.append(label)
        }
        guard count > 0 else { throw DatasetError.empty(file) }
    }

    /// The numbers of one line; a field that is none is -1.
    private static func numbers(in line: Data) -> [Int] {
        line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { field in
            let text = String(decoding: field, as: UTF8.self)
            return Int(text.trimmingCharacters(in: .whitespaces)) ?? -1
        }
    }

    private init() {}

    /// Two parts: a fifth of the images of each digit is held out, the rest is to train on.
    ///
    /// The parts are the same in every program: later ones hold out the same images.
    public func split() -> (train: DigitImages, heldOut: DigitImages) {
        var generator = SeededGenerator(seed: 1998)
        var train = DigitImages()
        var heldOut = DigitImages()
        for digit in 0..<Self.classCount {
            let members = labels.indices.filter { labels[$0] == digit }
            for (place, index) in members.shuffled(using: &generator).enumerated() {
                if place < members.count / 5 {
                    heldOut.append(images[index], digit)
                } else {
                    train.append(images[index], digit)
                }
            }
        }
        return (train, heldOut)
    }

    private mutating func append(_ image: [Float], _ label: Int) {
        images.append(image)
        labels.append(label)
    }
}

extension DigitImages {
    /// Finds `Data/digits.csv` of this example in the current directory, in the directory of the
    /// executable, or above either; so that it need not be named wherever the program runs.
    public static func defaultFile() throws -> URL {
        let executable = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        for start in [URL(filePath: "."), executable.deletingLastPathComponent()] {
            var directory = start.standardizedFileURL
            while true {
                for path in ["Data/digits.csv", "Examples/TrainDigits/Data/digits.csv"] {
                    let file = directory.appending(path: path)
                    if FileManager.default.fileExists(atPath: file.path) { return file }
                }
                guard directory.path != "/" else { break }
                directory.deleteLastPathComponent()
            }
        }
        throw DatasetError.notFound
    }
}

/// What is wrong with the data.
enum DatasetError: Error, CustomStringConvertible {
    case notFound
    case unreadable(URL)
    case empty(URL)
    case badLine(Int, URL)

    var description: String {
        switch self {
        case .notFound:
            "There is no Data/digits.csv here or above; name the file with --data."
        case .unreadable(let file):
            "\(file.path) cannot be read."
        case .empty(let file):
            "\(file.path) is empty."
        case .badLine(let line, let file):
            "Line \(line) of \(file.path) is not 64 pixels from 0 to 16 and a digit."
        }
    }
}
