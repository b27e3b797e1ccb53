import Foundation

/// NVIDIA's management library, loaded at run time where the machine has it.
///
/// The functions and types are those of the NVML API reference, version 2 of the calls.
final class NVIDIALibrary {
    /// The name that NVIDIA's driver installs it under.
    static let name = "libnvidia-ml.so.1"

    private typealias Device = OpaquePointer
    private typealias Call = @convention(c) () -> Int32
    private typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias Handle = @convention(c) (UInt32, UnsafeMutablePointer<Device?>) -> Int32
    private typealias Read = @convention(c) (Device, UnsafeMutableRawPointer) -> Int32
    private typealias ReadSensor =
        @convention(c) (Device, UInt32, UnsafeMutablePointer<UInt32>) -> Int32

    private let library: UnsafeMutableRawPointer
    private let shutdown: Call?
    private let handle: Handle
    private let count: UInt32

    /// Loads and starts the library; `nil` without it, or without a device.
    init?(_ name: String = NVIDIALibrary.name) {
        guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
        func function<Function>(_ name: String, as type: Function.Type) -> Function? {
            dlsym(library, name).map { unsafeBitCast($0, to: type) }
        }
        var count: UInt32 = 0
        guard let start = function("nvmlInit_v2", as: Call.self),
            let devices = function("nvmlDeviceGetCount_v2", as: Count.self),
            let handle = function("nvmlDeviceGetHandleByIndex_v2", as: Handle.self), start() == 0
        else {
            dlclose(library)
            return nil
        }
        shutdown = function("nvmlShutdown", as: Call.self)
        self.library = library
        self.handle = handle
        // A broken driver might count any number.
        self.count = devices(&count) == 0 ? min(count, 64) : 0
        if self.count == 0 { return nil }
    }

    deinit {
        _ = shutdown?()
        dlclose(library)
    }

    private func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(library, name).map { unsafeBitCast($0, to: type) }
    }

    /// What the devices tell now; what one does not know is left out.
    func values() -> [(name: String, value: Double)] {
        var values: [(String, Double)] = []
        for index in 0..<count {
            var found: Device?
            guard handle(index, &found) == 0, let device = found else { continue }
            func add(_ name: String, _ value: Double?) {
                if let value {
                    values.append(("\(SystemMetricName.prefix)gpu_\(index)_\(name)", value))
                }
            }
            add("percent", number("nvmlDeviceGetUtilizationRates", device, words: 2)?[0])
            add("memory_bytes", memory(of: device))
            add(
                "power_watts",
                number("nvmlDeviceGetPowerUsage", device, words: 1).map { $0[0] / 1000 })
            add("temperature_celsius", temperature(of: device))
        }
        return values
    }

    /// Calls a function that fills a structure of 32-bit numbers.
    private func number(_ name: String, _ device: Device, words: Int) -> [Double]? {
        guard let read = function(name, as: Read.self) else { return nil }
        var answer = [UInt32](repeating: 0, count: words)
        let status = answer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { read(device, $0) }
        }
        return status == 0 ? answer.map { Double($0) } : nil
    }

    /// The memory in use: the third of three 64-bit numbers.
    private func memory(of device: Device) -> Double? {
        guard let read = function("nvmlDeviceGetMemoryInfo", as: Read.self) else { return nil }
        var answer = [UInt64](repeating: 0, count: 3)
        let status = answer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { read(device, $0) }
        }
        return status == 0 ? Double(answer[2]) : nil
    }

    /// The temperature of the sensor 0, that of the chip.
    private func temperature(of device: Device) -> Double? {
        guard let read = function("nvmlDeviceGetTemperature", as: ReadSensor.self)
        else { return nil }
        var degrees: UInt32 = 0
        return read(device, 0, &degrees) == 0 ? Double(degrees) : nil
    }
}
