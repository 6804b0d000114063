; letrec.lisp - a local recursive function
;
; letrec makes a scope whose variable count holds a function, and the function
; holds the scope in which it can find itself. Each call of count-to leaves one
; such ring behind, and all that the scope can see.

(define (count-to limit)
  (letrec ((count (lambda (n)
                    (if (= n limit) n (count (+ n 1))))))
    (count 0)))

(print (count-to 10))
(print (count-to 20))
(print (count-to 30))
