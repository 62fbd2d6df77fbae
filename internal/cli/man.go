package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand is `brink man`.
func (p *program) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man [FOLDER]",
		Short: "Print the manual page, or write all pages into a folder",
		Example: `  brink man | man -l -                    read it
  brink man ~/.local/share/man/man1       install a page for each command`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				page, err := manPage(cmd.Root())
				if err != nil {
					return err
				}
				_, err = p.out.Write(page)
				return err
			}
			return p.writeManPages(cmd.Root(), args[0])
		},
	}
}

// manPage makes the manual page of a command.
func manPage(cmd *cobra.Command) ([]byte, error) {
	cmd.DisableAutoGenTag = true
	var b bytes.Buffer
	header := doc.GenManHeader{Section: "1", Source: "brink " + version(), Manual: "brink", Date: committed()}
	err := doc.GenMan(cmd, &header, &b)
	return b.Bytes(), err
}

// writeManPages writes the page of every command below cmd.
func (p *program) writeManPages(cmd *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	page, err := manPage(cmd)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1")
	if err := os.WriteFile(path, page, 0o600); err != nil {
		return err
	}
	fmt.Fprintln(p.out, path)
	for _, c := range cmd.Commands() {
		if !c.IsAvailableCommand() && !c.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := p.writeManPages(c, dir); err != nil {
			return err
		}
	}
	return nil
}
