//! Languages from text to finding: for each a piece that is found as it, and as nothing else; and what is
//! no source code.

use gateway_inspect::conformance::{Options, check};

use super::*;
use crate::scan::scan;
use crate::{Dlp, DlpBuilder, Limits, ProfileConfig};

fn scanner() -> Dlp {
    let profile = ProfileConfig::new("p", SourceKind::ALL.map(SourceKind::id));
    DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap()
}

fn kinds(dlp: &Dlp, text: &str) -> Vec<String> {
    scan(dlp, text.as_bytes(), &[]).found.into_iter().map(|(id, _)| id.to_string()).collect()
}

const C: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include "list.h"

struct node {
    struct node *next;
    int value;
};

/* Adds a value at the front. */
static struct node *push(struct node *head, int value)
{
    struct node *node = malloc(sizeof(*node));
    if (!node)
        return NULL;
    node->value = value;
    node->next = head;
    return node;
}

static void drop_all(struct node *head)
{
    while (head) {
        struct node *next = head->next;
        free(head);
        head = next;
    }
}

int main(void)
{
    struct node *head = NULL;
    for (int i = 0; i < 10; i++)
        head = push(head, i);
    printf("%d\n", head->value);
    drop_all(head);
    return 0;
}
"#;

const CPP: &str = r#"
#include <iostream>
#include <vector>
#include "shape.h"

namespace shapes {

template <typename T>
class Circle : public Shape {
public:
    explicit Circle(T radius) : radius_(radius) {}
    virtual ~Circle() = default;
    double area() const override;

private:
    T radius_;
};

double Circle<double>::area() const {
    return 3.14 * radius_ * radius_;
}

}  // namespace shapes

int main() {
    std::vector<shapes::Circle<double>> circles;
    for (int i = 0; i < 3; ++i) {
        circles.emplace_back(i);
    }
    for (const auto &circle : circles) {
        std::cout << circle.area() << std::endl;
    }
    auto total = circles.size();
    return 0;
}
"#;

const CSHARP: &str = r#"
using System;
using System.Collections.Generic;

namespace Shop.Orders
{
    public sealed class OrderService : IOrderService
    {
        private readonly IOrderStore store;
        public string Name { get; set; }
        public int Count { get; private set; }

        public async Task<Order> FindAsync(int id)
        {
            var order = await store.LoadAsync(id);
            if (order == null)
            {
                throw new InvalidOperationException("no order");
            }
            foreach (var line in order.Lines)
            {
                Console.WriteLine(line.Name);
            }
            var list = new List<string>();
            return order;
        }

        public override string ToString()
        {
            return Name;
        }
    }
}
"#;

const GO: &str = r#"
package main

import (
	"fmt"
	"os"
)

type counter struct {
	words map[string]int
}

func (c *counter) add(word string) {
	c.words[word]++
}

func read(path string) (*counter, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	c := &counter{words: map[string]int{}}
	for _, word := range words(file) {
		c.add(word)
	}
	return c, nil
}

func main() {
	c, err := read("words.txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(len(c.words))
}
"#;

const HASKELL: &str = r#"
module Data.Tree.Walk (walk, depth) where

import qualified Data.Map as Map
import Data.List (sortBy)

data Tree a = Leaf | Node (Tree a) a (Tree a)
  deriving (Eq, Show)

walk :: Tree a -> [a]
walk Leaf = []
walk (Node left value right) = walk left ++ [value] ++ walk right

depth :: Tree a -> Int
depth tree = case tree of
  Leaf -> 0
  Node left _ right -> 1 + max (depth left) (depth right)

insert :: Ord a => a -> Tree a -> Tree a
insert x Leaf = Node Leaf x Leaf
insert x tree
  | x < root = left
  | otherwise = right
  where
    left = tree

instance Functor Tree where
  fmap f Leaf = Leaf

main :: IO ()
main = do
  line <- getLine
  let words = lines line
  print (depth Leaf)
"#;

const JAVA: &str = r#"
package org.example.orders;

import java.util.List;
import java.util.Optional;

public class OrderService implements Service {
    private static final Logger LOG = Logger.getLogger("orders");
    private final OrderStore store;

    public OrderService(OrderStore store) {
        this.store = store;
    }

    @Override
    public Optional<Order> find(long id) {
        List<Order> orders = store.all();
        for (Order order : orders) {
            if (order.id() == id) {
                return Optional.of(order);
            }
        }
        return Optional.empty();
    }

    public static void main(String[] args) {
        OrderService service = new OrderService(new OrderStore());
        String name = args[0];
        try {
            System.out.println(service.find(1));
        } catch (IllegalStateException error) {
            throw new RuntimeException(error);
        }
    }
}
"#;

const JAVASCRIPT: &str = r#"
import express from "express";
const { join } = require("path");
const fs = require("fs");

const app = express();
let count = 0;

async function load(name) {
  const path = join("pages", name);
  const text = await fs.promises.readFile(path, "utf8");
  if (text === "") {
    console.log("empty page", name);
    return null;
  }
  for (const line of text.split("\n")) {
    count += line.length;
  }
  return text;
}

app.get("/:name", (req, res) => {
  const page = load(req.params.name);
  document.title = "page";
  res.send(page);
});

class Counter {
  constructor(start) {
    this.value = start;
  }
}

module.exports = { app, load };
export default app;
"#;

const LUA: &str = r#"
local json = require("json")
local Stack = {}
Stack.__index = Stack

function Stack.new()
  local self = setmetatable({}, Stack)
  self.items = {}
  return self
end

function Stack:push(value)
  if value == nil then
    error("no value")
  end
  self.items[#self.items + 1] = value
end

function Stack:pop()
  local count = #self.items
  if count == 0 then
    return nil
  elseif count > 100 then
    print("deep")
  end
  local value = self.items[count]
  self.items[count] = nil
  return value
end

local stack = Stack.new()
for i = 1, 10 do
  stack:push(i)
end
for key, value in pairs(stack.items) do
  print(key, value)
end
return Stack
"#;

const PYTHON: &str = r#"
import os
import sys as system
from collections import Counter


class Reader:
    def __init__(self, path):
        self.path = path
        self.lines = []

    def read(self):
        with open(self.path) as file:
            for line in file:
                if not line.strip():
                    continue
                self.lines.append(line)
        return self.lines


def count(lines):
    words = Counter()
    for line in lines:
        try:
            words.update(line.split())
        except ValueError as error:
            raise RuntimeError("no words") from error
        else:
            pass
    return words


if __name__ == "__main__":
    print(count(Reader(system.argv[1]).read()))
"#;

const R: &str = r#"
library(ggplot2)
library(dplyr)

read_data <- function(path) {
  data <- read.csv(path, header = TRUE)
  if (nrow(data) == 0) {
    stop("no data")
  }
  data$total <- data$price * data$count
  return(data)
}

sales <- read_data("sales.csv")
by_month <- sales %>%
  group_by(month) %>%
  summarise(total = sum(total))
model <- lm(total ~ month, data = by_month)
summary(model)
means <- sapply(split(sales$total, sales$month), mean)
for (name in names(means)) {
  cat(name, means[name], "\n")
}
result <- data.frame(month = names(means), mean = means)
ggplot(result, aes(month, mean)) +
  geom_col()
plot(result$mean)
"#;

const RUST: &str = r#"
use std::collections::BTreeMap;
use std::fmt;

/// Counts words.
#[derive(Debug, Default)]
pub struct Counter {
    words: BTreeMap<String, u64>,
}

impl Counter {
    pub fn push(&mut self, text: &str) {
        for word in text.split_whitespace() {
            *self.words.entry(word.to_owned()).or_default() += 1;
        }
    }

    fn most(&self) -> Option<&str> {
        let mut best = None;
        if let Some((word, _)) = self.words.iter().next() {
            best = Some(word.as_str());
        }
        best
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most() {
            Some(word) => write!(f, "{word}"),
            None => Ok(()),
        }
    }
}

#[test]
fn counts() {
    let counter = Counter::default();
    assert_eq!(counter.most(), None);
}
"#;

const SWIFT: &str = r#"
import Foundation
import SwiftUI

protocol Store {
    func load(id: Int) throws -> Order
}

struct Order: Identifiable {
    let id: Int
    var name: String
    var lines: [Line] = []
}

extension Order {
    func total() -> Double {
        let sum = lines.reduce(0) { $0 + $1.price }
        return sum
    }
}

final class OrderModel: ObservableObject {
    @Published var orders: [Order] = []
    private let store: Store

    init(store: Store) {
        self.store = store
    }

    func refresh() {
        guard let order = try? store.load(id: 1) else { return }
        if let first = orders.first {
            print(first.name)
        }
        switch order.id {
        case .zero:
            break
        }
    }
}
"#;

const PIECES: [(SourceKind, &str); 12] = [
    (SourceKind::C, C),
    (SourceKind::Cpp, CPP),
    (SourceKind::CSharp, CSHARP),
    (SourceKind::Go, GO),
    (SourceKind::Haskell, HASKELL),
    (SourceKind::Java, JAVA),
    (SourceKind::JavaScript, JAVASCRIPT),
    (SourceKind::Lua, LUA),
    (SourceKind::Python, PYTHON),
    (SourceKind::R, R),
    (SourceKind::Rust, RUST),
    (SourceKind::Swift, SWIFT),
];

#[test]
fn each_language_is_found_as_itself() {
    let dlp = scanner();
    let mut wrong = Vec::new();
    for (kind, text) in PIECES {
        for text in
            [text.to_owned(), text.replace('\n', "\r\n"), format!("Here it is:\n{text}\nBye")]
        {
            let found = kinds(&dlp, &text);
            if found != [kind.id()] {
                wrong.push((kind, found));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_file_of_several_languages_is_found_as_each() {
    let text: String = PIECES.iter().map(|(_, text)| text.repeat(3)).collect();
    let found = kinds(&scanner(), &text);
    let all: Vec<&str> = SourceKind::ALL.iter().map(|kind| kind.id()).collect();
    assert_eq!(found, all);
}

/// What is like source code in part, or talks of it.
const OTHERS: [(&str, &str); 12] = [
    (
        "prose",
        "If you want to go, then go. For this to work, do the following:\n\
         Let me import the data from the table; the function of it is to return what was lost.\n\
         While this is so, the class of 1999 met in the public library (see below):\n\
         it was a struct of wood. Print (again) the case: none.\n",
    ),
    (
        "talk",
        "Use `let mut x = 1;` here.\nfn main() {}\nis what I wrote: if err != nil { return err }\n",
    ),
    (
        "json",
        "{\n  \"import\": \"os\",\n  \"class\": [1, 2],\n  \"if\": {\"then\": true},\n  \"let\": \"x\",\n}\n",
    ),
    ("csv", "name,class,return\nAda,public,1\nBob,private,2\nstatic,void,3\n"),
    (
        "log",
        "2024-05-01T12:00:00Z INFO main: import done; return code = 0\n\
         May  1 12:00:00 host kernel: if (x) { y } else z\n\
         [error] func main() failed: err != nil\n",
    ),
    (
        "html",
        "<!doctype html>\n<div class=\"a\">\n<p>import java.util is a line of Java.</p>\n\
         <a href=\"/x\">return</a>\n</div>\n",
    ),
    (
        "yaml",
        "if: always\nfor:\n  - name: import\n    class: public\n    run: |\n      echo done\nelse: none\n",
    ),
    ("ini", "[section]\nname = value\nreturn = 0\nlocal = true\n; comment\npath = /usr/lib\n"),
    (
        "mail",
        "From: Ada <ada@example.org>\nTo: Bob\nSubject: import of goods\n\n> if you import this,\n\
         > let us know.\nRegards,\nAda\n-- \nPublic class A\n",
    ),
    (
        "css",
        "body {\n  color: red;\n}\n.a > b {\n  margin: 0 auto;\n}\n@media print {\n  a { b: c; }\n}\n",
    ),
    (
        "sql",
        "SELECT name, class FROM t WHERE x = 1;\nINSERT INTO t VALUES (1, 'if');\nBEGIN;\nEND;\n",
    ),
    (
        "shell",
        "#!/bin/sh\nset -e\nif [ -f x ]; then\n  echo \"$x\"\nfi\nfor i in a b; do\n  rm $i\ndone\nexit 0\n",
    ),
];

#[test]
fn what_is_no_source_code_is_not_found() {
    let dlp = scanner();
    for (name, text) in OTHERS {
        for times in [1, 5, 100] {
            assert_eq!(kinds(&dlp, &text.repeat(times)), Vec::<String>::new(), "{name}, {times}");
        }
    }
    // A few lines of code in a mail are none, either.
    for (kind, text) in PIECES {
        let few: String =
            text.lines().filter(|line| !line.is_empty()).take(6).collect::<Vec<_>>().join("\n");
        let mail = format!("{}\n{few}\n{}", OTHERS[0].1, OTHERS[8].1);
        assert_eq!(kinds(&dlp, &mail), Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn no_line_is_held_that_is_no_source_code() {
    let dlp = scanner();
    // Whoever talks of code in code may have to wait.
    for (name, text) in OTHERS.into_iter().filter(|(name, _)| *name != "talk") {
        let text = text.repeat(20);
        let scan = scan(&dlp, text.as_bytes(), &[500, 500]);
        assert_eq!(scan.cleared, [500, 1_000, text.len() as u64], "{name}");
    }
}

#[test]
fn the_laws_hold() {
    let dlp = scanner();
    for text in [C, GO, PYTHON] {
        let options = Options { chunkings: 5, ..Options::default() };
        check(&dlp, text.as_bytes(), &options).unwrap();
    }
    let text = [OTHERS[0].1, RUST, OTHERS[8].1].concat();
    let options = Options { chunkings: 10, ..Options::default() };
    check(&dlp, text.as_bytes(), &options).unwrap();
    check(&dlp, "\n\u{0}\u{ff}x".repeat(99).as_bytes(), &Options::default()).unwrap();
}
