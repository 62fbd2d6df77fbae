package scenarios

// Data is a file of rows that values can be taken from.
type Data struct {
	Name  string
	File  string
	Order Order
}

// Order says which row a user gets next.
type Order uint8

// The orders.
const (
	Random     Order = iota // any row, by the user's random source
	Sequential              // the next row for whoever asks, from the start again after the last
	Once                    // the next row for whoever asks; users end after the last
	PerUser                 // user n keeps row n, counted around
)
