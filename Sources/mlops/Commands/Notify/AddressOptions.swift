import ArgumentParser
import MLOpsCore
import MLOpsDelivery

/// Where messages may go, which the operator decides and no channel's configuration.
struct AddressOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Addresses that channels may reach besides public ones, also with http and any port; "
                + "repeatable.", valueName: "CIDR"),
        transform: {
            do {
                return try AddressRange($0)
            } catch let error as StoreError {
                throw ValidationError(error.message)
            }
        })
    var allowAddress: [AddressRange] = []

    var sender: DeliverySender {
        DeliverySender(DeliveryOptions(addresses: AddressPolicy(allowing: allowAddress)))
    }
}
